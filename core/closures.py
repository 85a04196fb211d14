"""Whether what was said to be resolved was: a citizen's report, and what contradicts its closure.

Rules: KPI 30 of the catalogue.  Within the 7 days after a resolution (both ends included) each of
these contradicts it: a reopening; a new report of the same class by another reporter in the reach
of the class; a camera or an alarm of signals in that reach that shows the class for 15 minutes.  A
camera shows it as long as its sightings follow each other within the time of the class (catalogue
5.3), an alarm until the next word of its signals.  Reach and time are the smaller ones of both by
the versions in force at their times, a report's being when what it tells of was; whether a matter
comes again by itself says that of the closed report (decision 0014).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from core.complaints import Complaint
from core.kpi import Subject
from core.land import Place
from core.law import Law
from core.moment import DAY, MINUTE
from core.signals import FAULT
from core.triangulation import Claim, distance_m, reach_of, reach_of_both

WITHIN = 7 * DAY
SHOWN = 15 * MINUTE
REOPENED, REPORTED, SEEN = "reopened", "reported", "seen"
"""Kinds of contradiction (i), (ii) and (iii)."""

CLOSURE = Subject("closure")

T = TypeVar("T")


class Report(msgspec.Struct, frozen=True, gc=False):
    """What the join stage needs to know of one complaint; times are moments.

    `matter` is its class, or its category where section 5.3 names no class; `seen_at` is when what
    it tells of was; `opd` held it when it was last resolved.  `tells`: it is a voice of its own
    that was neither refused nor taken back.
    """

    case_id: str
    matter: str
    opd: str
    reporter: str
    filed_at: int
    seen_at: int
    lat: float | None
    lon: float | None
    resolved: tuple[int, ...]
    reopened: tuple[int, ...]
    left_out: str | None
    tells: bool

    @classmethod
    def of(cls, case: Complaint) -> Report | None:
        """The report, or None if it neither was closed nor can contradict a closure."""
        resolved = case.times("complaint.resolved")
        seen_at = _seen_at(case)
        lat, lon = case.submitted.real("lat"), case.submitted.real("lon")
        made = cls(
            case_id=case.case_id,
            matter=matter_of(case),
            opd=case.named("opd", case.opd_at(resolved[-1])) if resolved else "unassigned",
            reporter=case.submitted.text("reporter_key"),
            filed_at=case.submitted_at,
            seen_at=seen_at,
            lat=None if lon is None else lat,
            lon=None if lat is None else lon,
            resolved=resolved,
            reopened=case.reopened,
            left_out=case.left_out,
            tells=_tells(case),
        )
        contradicts = (
            made.tells and made.place and made.matter in case.law.at(seen_at).classes.metres
        )
        return made if resolved or contradicts else None

    @property
    def place(self) -> Place | None:
        """Latitude and longitude, or None when not located."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)

    def as_copy(self) -> Report:
        """The same of a case that was filed before: its closure is left out, and it tells nothing.

        As of a case that is linked: what ended without a solution says that it did.
        """
        return replace(self, left_out=self.left_out or "duplicate", tells=False)


@dataclass(frozen=True, slots=True)
class Closure:
    """A resolved report and the kinds of what contradicts it, sorted."""

    report: Report
    contradicted_by: tuple[str, ...]

    @property
    def ends(self) -> int:
        """Last instant of the 7 days after its last resolution: the window in which it counts."""
        return self.report.resolved[-1] + WITHIN

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id; the category is the class."""
        return {"city": "city", "opd": self.report.opd, "category": self.report.matter}


def contradictions(
    report: Report, reports: Sequence[Report], sightings: Sequence[Claim], law: Law
) -> tuple[str, ...]:
    """Kinds of what contradicts a closure.

    `reports` (sorted by `filed_at`) and `sightings` (sorted by `at`) are of its class; those that
    are out of its reach do not matter.
    """
    found = []
    if any(at <= again <= at + WITHIN for at in report.resolved for again in report.reopened):
        found.append(REOPENED)
    if any(_reported(report, at, reports, law) for at in report.resolved):
        found.append(REPORTED)
    if any(_shown(report, at, sightings, law) for at in report.resolved):
        found.append(SEEN)
    return tuple(found)


def matter_of(case: Complaint) -> str:
    """Its class, or its category where section 5.3 names no class."""
    classes = case.law.at(_seen_at(case)).classes
    return classes.of_category.get(case.category) or case.scopes["category"]


def _seen_at(case: Complaint) -> int:
    return case.submitted.whole("incident_at") or case.submitted_at


def _tells(case: Complaint) -> bool:
    kind, copy = case.submitted.text("kind"), case.submitted.text("origin_ref")
    taken_back = case.left_out in {"rejected", "withdrawn"}
    return kind in {"", "complaint"} and not copy and not taken_back


def _reported(report: Report, at: int, reports: Sequence[Report], law: Law) -> bool:
    """Another reporter tells of it again: of how it was after the resolution, not before."""
    # Of what has no place all are far, and there may be a city full of them.
    return (
        report.place is not None
        and report.matter not in law.at(report.seen_at).classes.recurring
        and any(
            other.tells
            and other.seen_at >= at
            and "" != other.reporter != report.reporter != ""
            and is_near(report, other, law)
            for other in _following(reports, at, lambda other: other.filed_at)
        )
    )


def _shown(report: Report, at: int, sightings: Sequence[Claim], law: Law) -> bool:
    """What was seen in reach, one thing after the other, shows it for 15 minutes."""
    since = last = 0
    ends: Claim | None = None
    before = standing(sightings, at) if report.matter == FAULT else ()
    for seen in (*before, *_following(sightings, at, lambda seen: seen.at)):
        if is_near(report, seen, law):
            first, until = max(seen.at, at), min(seen.until or seen.at, at + WITHIN)
            if ends is None or first - last > reach_of_both(ends, seen, law).time:
                since = last = first
            if until >= last:
                last, ends = until, seen
            if last - since >= SHOWN:
                return True
    return False


def standing(sightings: Iterable[Claim], at: int) -> Iterator[Claim]:
    """Alarms from before an instant that lasted beyond it."""
    return (a for a in sightings if a.signal and a.at < at < (a.until or a.at))


def is_near(report: Report, other: Report | Claim, law: Law) -> bool:
    """Whether what is of its class is in its reach; what has no place is far."""
    if report.place is None or other.place is None:
        return False
    metres = _metres(report, law)
    if isinstance(other, Report):
        metres = min(metres, _metres(other, law))
    else:
        metres = min(metres, reach_of(other, law).metres)
    return distance_m(report.place, other.place) <= metres


def _metres(report: Report, law: Law) -> float:
    # Of what is of no class all is far.
    return law.at(report.seen_at).classes.metres.get(report.matter, -1)


def _following(items: Sequence[T], at: int, when: Callable[[T], int]) -> Iterator[T]:
    """Those from an instant to 7 days after it."""
    first = bisect_left(items, at, key=when)
    yield from items[first : bisect_right(items, at + WITHIN, key=when)]
