"""Codes that the city does not know: a category, an agency, a kelurahan that is in no register."""

from __future__ import annotations

from collections.abc import Iterable

from sim.areas import kecamatan_of
from sim.cases import Complaint, Service, Step
from sim.chance import Chance

CATEGORY, AGENCY, NUMBER = "hewan_liar", "kantor_lama", "1099"
_COMMON = "bansos"
"""The category that is misnamed: no camera sees it, and no promise names it."""


def misname(chance: Chance, complaints: Iterable[Complaint], services: Iterable[Service]) -> None:
    """Some cases get such a code; everything else of them stays."""
    for complaint in complaints:
        what = chance.of({"": 90, "category": 6, "agency": 2, "place": 2})
        if what == "category" and complaint.category == _COMMON:
            complaint.category = CATEGORY
        elif what == "agency":
            complaint.steps = [_elsewhere(step) for step in complaint.steps]
        elif what == "place":
            complaint.kelurahan_code = _nowhere(complaint.kelurahan_code)
    for service in services:
        if chance.happens(0.02):
            service.kelurahan_code = _nowhere(service.kelurahan_code)


def _elsewhere(step: Step) -> Step:
    """Every agency of the case is one that does not exist."""
    if step.fields.get("opd") in (None, "diskominfo"):
        return step
    return Step(step.what, step.at, {**step.fields, "opd": f"{AGENCY}_{step.fields['opd']}"})


def _nowhere(kelurahan: str) -> str:
    return f"{kecamatan_of(kelurahan)}.{NUMBER}"
