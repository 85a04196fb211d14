"""Complaints that were filed twice, through two channels (catalogue C3, ii).

The same phone, the same category, another channel, at most two hours after and 50 metres from a
complaint that counts: it is that case.  One that counts is no copy of another and was not rejected,
withdrawn or archived.  Who keyed a case in again or linked it has said what it is; aspirations and
secret reports are not asked; nor is what has no place.

Among reports of what cameras can see the first counts whatever became of it: what was refused is
a report all the same (KPI 28, 29, 31).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from core import moment
from sim.cases import Complaint
from sim.city import distance_m, incident_of
from sim.story import Story
from sim.truth.links import is_linked

HOURS, METRES = 2, 50
ENDS = ("rejected", "withdrawn", "archived")


@lru_cache(maxsize=4)
def repeated_claims(story: Story) -> set[str]:
    """Ids of the complaints that say again what is claimed already."""
    claims = [c for c in story.complaints
              if incident_of(c.category) and c.kind in (None, "complaint")]  # fmt: skip
    return copies(claims, story.end, ends=())


def copies(complaints: Iterable[Complaint], at: int, ends: tuple[str, ...] = ENDS) -> set[str]:
    """Ids of the complaints that are copies, by what had happened just before `at`.

    Whatever met with one of these `ends` is nobody's master.
    """
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
        elif told.isdisjoint(ends):
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
