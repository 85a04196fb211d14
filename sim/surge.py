"""A morning on which everybody complains of the same: waste that was not collected."""

from __future__ import annotations

from core import moment
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CENTRE, KELURAHAN_CODES

_REPORTS = 14


def surge(chance: Chance, day: int) -> list[Complaint]:
    """So many reports between ten and eleven, all solved on the same day, which begins at `day`."""
    ten = day + 10 * moment.HOUR
    found = []
    for index in range(_REPORTS):
        filed = ten + index * 4 * moment.MINUTE
        solved = filed + chance.between(2 * moment.HOUR, 10 * moment.HOUR)
        found.append(Complaint(
            "sikesal", f"SI-2026-{980_001 + index}", "sampah", None, chance.one(KELURAHAN_CODES),
            CENTRE, None, f"08{chance.digits(10)}", None, "surge",
            [
                Step("submitted", filed),
                Step("forwarded", filed + 20 * moment.MINUTE, {"opd": "dlh"}),
                Step("resolved", solved, {"opd": "dlh"}),
            ],
        ))  # fmt: skip
    return found
