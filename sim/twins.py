"""Citizens who tell of one matter through two channels, and some who seem to and do not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

from core import moment
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CATEGORIES, moved

_EVERY = 40
"""Of so many complaints one is filed twice; at least one of each way."""
_SOLVED = ("on_time", "late", "never_solved", "rejected", "withdrawn")


@dataclass(frozen=True, slots=True)
class Way:
    """How the second filing differs: `wait` after the first, so many metres north of it."""

    name: str
    wait: int
    metres: float = 12.0
    same_channel: bool = False
    same_phone: bool = True
    end: str = ""


_WAYS = (
    Way("twin_open", 40 * moment.MINUTE),
    Way("twin_solved", 25 * moment.MINUTE, end="resolved"),
    Way("twin_rejected", 80 * moment.MINUTE, end="rejected"),
    Way("twin_linked", 50 * moment.MINUTE, end="duplicate_linked"),
    Way("twin_on_the_dot", 2 * moment.HOUR, 45.0, end="resolved"),
    Way("apart_later", 2 * moment.HOUR + moment.SECOND),
    Way("apart_farther", 30 * moment.MINUTE, 55.0),
    Way("apart_same_channel", 30 * moment.MINUTE, same_channel=True),
    Way("apart_other_person", 30 * moment.MINUTE, same_phone=False),
)


def twins(chance: Chance, complaints: list[Complaint], end: int) -> list[Complaint]:
    """Second filings of some of the complaints, of categories that no camera can see.

    What is seen by cameras is kept clear of close calls where it is made; this comes after that.
    """
    firsts = [
        c for c in complaints
        if c.plot in _SOLVED and c.point and c.kind in (None, "complaint") and not c.origin_ref
        and c.category in CATEGORIES and CATEGORIES[c.category].incident is None
        and c.submitted_at + 3 * moment.HOUR < end
    ]  # fmt: skip
    found: list[Complaint] = []
    for way in cycle(_WAYS):
        if not firsts or len(found) >= max(len(complaints) // _EVERY, len(_WAYS)):
            return found
        first = firsts.pop(chance.whole(0, len(firsts) - 1))
        found.append(second(chance, way, first, 960_001 + len(found), end))
    return found


def second(chance: Chance, way: Way, first: Complaint, number: int, end: int) -> Complaint:
    """What the same citizen files once more, and what becomes of it."""
    source = first.source
    if not way.same_channel:
        source = "sikesal" if first.source != "sikesal" else chance.one(("call112", "sp4n_lapor"))
    filed = first.submitted_at + way.wait
    opd = CATEGORIES[first.category].opd
    steps = [Step("submitted", filed)]
    if way.end == "duplicate_linked":
        steps.append(Step(way.end, filed + moment.HOUR, {"master_case_id": first.case_id}))
    elif way.end == "rejected":
        steps.append(Step("rejected", filed + moment.HOUR))
    else:
        passed = filed + chance.between(moment.HOUR, 2 * moment.DAY)
        steps.append(Step("forwarded", passed, {"opd": opd}))
        steps.append(Step("assigned", passed + moment.MINUTE, {"opd": opd}))
        if way.end == "resolved":
            solved = passed + chance.between(moment.HOUR, 20 * moment.DAY)
            steps.append(Step("resolved", solved, {"opd": opd}))
    assert first.point is not None
    return Complaint(
        source, f"{source[:2].upper()}-2026-{number}", first.category, first.kind,
        first.kelurahan_code, moved(*first.point, way.metres, 0.0), None,
        first.phone if way.same_phone else f"08{chance.digits(10)}", None, way.name,
        [step for step in steps if step.at < end],
    )  # fmt: skip
