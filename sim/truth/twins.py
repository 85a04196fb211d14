"""Complaints that were filed twice, through two channels (catalogue C3, ii).

The same phone, the same category, another channel, at most two hours after and 50 metres from a
complaint that counts: it is that case.  One that counts is no copy of another and was not rejected,
withdrawn or archived.  Who keyed a case in again or linked it has said what it is; aspirations and
secret reports are not asked; nor is what has no place.
"""

from __future__ import annotations

from collections.abc import Iterable

from core import moment
from sim.cases import Complaint
from sim.city import distance_m
from sim.truth.links import is_linked

HOURS, METRES = 2, 50


def copies(complaints: Iterable[Complaint], at: int) -> set[str]:
    """Ids of the complaints that are copies, by what had happened just before `at`."""
    found: set[str] = set()
    counting: dict[tuple[str, str], list[Complaint]] = {}
    for one in sorted(complaints, key=lambda c: (c.submitted_at, c.case_id)):
        steps = [step for step in one.steps if step.at < at]
        told = {step.what for step in steps}
        said = one.origin_ref or is_linked(steps) or one.kind in ("aspiration", "wbs")
        if not told or said or one.point is None:
            continue
        before = counting.setdefault((one.phone, one.category), [])
        if any(_are_one(master, one) for master in before):
            found.add(one.case_id)
        elif not {"rejected", "withdrawn", "archived"} & told:
            before.append(one)
    return found


def _are_one(master: Complaint, one: Complaint) -> bool:
    return (
        master.source != one.source
        and one.submitted_at - master.submitted_at <= HOURS * moment.HOUR
        and master.point is not None
        and one.point is not None
        and distance_m(master.point, one.point) <= METRES
    )
