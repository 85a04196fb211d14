"""Which statements the join can let go: nothing that may still be told could change what they make.

Decision 0013.  A statement can rest when its case left the fold, so that nobody will change it, and
`ADMITTED` after the last instant at which something else could be linked with it.  It leaves
together with what it is linked with, and not while something that stays is judged by it.
Everything here is a function of the statements and of ticks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar

from core import reference, storms
from core.alerts import Severe
from core.closures import WITHIN, Report, is_near, standing
from core.counterparts import KeptRecord
from core.faults import Failure, with_before
from core.filings import FILING, VOICE, Filing, Twin, Voice
from core.grievances import Grievance
from core.law import Law
from core.moment import DAY
from core.opposites import Normal
from core.requests import Request
from core.sightings import Sightings
from core.triangulation import WRITTEN_LATER, Claim, are_near, incidents, of_law, reach_of
from core.verdicts import Review, seeing, watched_span
from core.views import View
from core.violations import SAME_WITHIN, Recorded

ADMITTED = 90 * DAY
"""So old may the event be that opens a case (`core.kpi.Subject.admitted`)."""
UPTIME_KEPT = ADMITTED + 7 * DAY
"""Who reports what happened more than a week ago finds the cameras' minutes for 90 days.  Project
choice.  Longer where a version of the classes asks for longer (`Law.longer`)."""

NORMAL_KEPT = 14 * DAY
"""Who reports what happened more than two weeks ago is refuted by no measurement.  Project choice:
each intersection tells of 96 quarters of an hour a day.  Likewise longer."""

Name = tuple[str, str]
"""Kind and id of a statement."""
T = TypeVar("T")
TwinT = TypeVar("TwinT", bound=Twin)


@dataclass(frozen=True, slots=True)
class Rest:
    """Of the statements of one partition at one tick: which are over, and when each was told."""

    tick: int
    over: AbstractSet[Name]
    heard: Mapping[Name, int]

    def may(self, name: Name, linked_until: int) -> bool:
        """Whether it can rest: nothing can be linked with it after an instant."""
        quiet_since = max(linked_until, self.heard.get(name, self.tick))
        return name in self.over and quiet_since + ADMITTED <= self.tick


def requests(group: Mapping[str, Request], rest: Rest) -> set[str]:
    """Of one applicant and service: those within an hour of each other leave together."""
    leaving = set[str]()
    for run in _runs(group.items(), lambda one: one[1].requested_at):
        ends = run[-1][1].requested_at + reference.DUPLICATE_REQUEST
        if all(one.due_known and rest.may(("request", name), ends) for name, one in run):
            leaving |= {name for name, _ in run}
    return leaving


def violations(group: Mapping[str, Recorded], rest: Rest) -> set[str]:
    """Of one camera, class and plate: those within 60 seconds of each other leave together."""
    leaving = set[str]()
    for run in _runs(group.items(), lambda one: one[1].recorded_at, SAME_WITHIN):
        ends = run[-1][1].recorded_at + SAME_WITHIN
        if all(rest.may(("violation", name), ends) for name, _ in run):
            leaving |= {name for name, _ in run}
    return leaving


def alerts(told: Mapping[str, Severe], rest: Rest) -> set[str]:
    """Of those that follow each other in time and place storms leave in order, each whole.

    What a storm is made of depends on no later one, so one that stays holds no earlier one.  For
    the same reason only what is old enough must be looked at.
    """
    old, leaving = storms.Sky(), set[str]()
    for name, one in told.items():
        if one.raised_at + ADMITTED <= rest.tick:
            old.put(name, one)
    for together in old.linked(told):
        for storm in storms.storms(told[name] for name in together):
            ends = storm.raised_at + storms.WITHIN
            # One that is left out today would be of it if that were taken back.
            could = {n for n in together if storm.raised_at <= told[n].raised_at <= ends}
            could |= {one.case_id for one in storm.alerts}
            if not all(rest.may(("alert", name), ends) for name in could):
                break
            leaving |= {one.case_id for one in storm.alerts}
    return leaving


def faults(told: Mapping[str, Failure], rest: Rest) -> set[str]:
    """A fault stays for the next one of its intersection: that began after it was over."""
    resting = {name for name, one in told.items() if rest.may(("fault", name), one.alarmed_at)}
    followed = (pair for pair in with_before(told.values()) if pair[1].name in resting)
    return {before.name for before, _ in followed if before and before.name in resting}


def filings(group: Mapping[str, Filing], rest: Rest) -> set[str]:
    """Of one reporter and category: those within two hours of each other leave together."""
    leaving = set[str]()
    for run in _filed(group):
        ends = run[-1][1].filed_at + reference.SAME_CASE_WITHIN
        if all(rest.may((FILING, name), ends) for name, _ in run):
            leaving |= {name for name, _ in run}
    return leaving


def voices(
    group: Mapping[str, Voice], staying: Collection[str], rest: Rest
) -> tuple[set[str], set[str]]:
    """Of one reporter and category: those that leave, likewise, and cases that it is too early for.

    Claims and reports of cases that may still become copies, or be none any more, have to stay;
    voices stay with those that are `staying`.
    """
    leaving, early = set[str](), set[str]()
    for run in _filed(group):
        ends, cases = run[-1][1].filed_at + reference.SAME_CASE_WITHIN, {v.case_id for _, v in run}
        if not all(rest.may((VOICE, name), ends) for name, _ in run):
            early |= cases if len(run) > 1 else set()
        elif cases.isdisjoint(staying):
            leaving |= {name for name, _ in run}
    return leaving, early


def reports(told: Mapping[str, Report], rest: Rest, law: Law) -> set[str]:
    """Closures, and reports that contradict one: kept as long as that closure is."""
    after = _After(told, law)
    leaving = {
        name for name, report in told.items()
        if rest.may(("report", name), max(report.filed_at, *report.resolved, 0) + WITHIN)
        and all(("report", other) in rest.over for other in after.of(report))
    }  # fmt: skip
    holding = [report for name, report in told.items() if name not in leaving]
    while holding:
        held = {name for name in after.of(holding.pop()) if name in leaving}
        leaving -= held
        holding += [told[name] for name in held]
    return leaving


def claims(
    told: Mapping[str, Claim],
    views: Sequence[View],
    kept: Iterable[Report],
    reviewed: Iterable[Review],
    rest: Rest,
    law: Law,
) -> set[str]:
    """Of one class: clusters leave whole; `kept` are the reports of the class that stay.

    What a camera saw is kept for a citizen, officer or alarm that stays and was in its sight, or of
    whose report an operator looked at its clip (KPI 29 and 31), and for a closure that it may
    contradict (KPI 30); an alarm likewise for who told of it near it.  A report with a review stays
    as long as what the camera of the clip saw.
    """
    known = of_law(told, law)
    clusters = [cluster.claims for cluster in incidents(known.values(), law)]
    clusters += [(c,) for name, c in told.items() if c.place is None or name not in known]
    until = {name: _asked_until(claim, law) for name, claim in known.items()}
    leaving = {
        number for number, cluster in enumerate(clusters)
        if all(rest.may(("claim", c.claim_id), until.get(c.claim_id, c.at)) for c in cluster)
    }  # fmt: skip
    number_of = {c.claim_id: number for number, cluster in enumerate(clusters) for c in cluster}
    seen = Sightings(claim for claim in known.values() if claim.family == "sensor")
    alarms = Sightings(claim for claim in known.values() if claim.signal)
    for report in kept:
        for at in report.resolved:
            lasting = standing(alarms.within(0, at), at)
            for sighting in (*lasting, *seen.within(at, at + WITHIN)):
                if is_near(report, sighting, law):
                    leaving.discard(number_of[sighting.claim_id])
    clips: dict[str, set[str]] = {}
    for review in reviewed:
        clips.setdefault(review.case_id, set()).add(review.camera_id)
    asked = {
        name: {s.claim_id for s in (*_in_sight(claim, views, clips.get(name, set()), seen, law),
                                    *_alarmed(claim, alarms, law))}
        for name, claim in known.items() if not claim.by_camera
    }  # fmt: skip
    before = -1
    while before != len(leaving):
        before = len(leaving)
        for name, sightings in asked.items():
            held = {number_of[one] for one in sightings}
            if number_of[name] not in leaving:
                leaving -= held
            elif name in clips and not held <= leaving:
                leaving.discard(number_of[name])
    return {claim.claim_id for number in leaving for claim in clusters[number]}


def reviews(told: Mapping[str, Review], staying: Iterable[Claim], rest: Rest) -> set[str]:
    """Of one class: a review stays with its case."""
    cases = {claim.claim_id for claim in staying}
    return {
        name for name, review in told.items()
        if review.case_id not in cases and rest.may(("review", name), review.at)
    }  # fmt: skip


def normals(told: Mapping[str, Normal], staying: Iterable[Claim], rest: Rest, law: Law) -> set[str]:
    """Of one class: what was normal stays while a report may be refuted by it.

    It adds nothing of its own, so it does no harm if more is said of it later.
    """
    judged = of_law({claim.claim_id: claim for claim in staying}, law)
    spans = sorted((start - claim.slack, end) for claim in judged.values()
                   for start, end in [watched_span(claim, law)])  # fmt: skip
    longest = max((end - start for start, end in spans), default=0)
    longer = cache(law.longer)
    leaving = set[str]()
    for name, one in told.items():
        kept = NORMAL_KEPT + longer(one.incident)
        if max(one.end, rest.heard.get(("normal", name), rest.tick)) + kept > rest.tick:
            continue
        first = bisect_left(spans, one.start - longest, key=_first)
        until = bisect_right(spans, one.end, key=_first)
        if not any(end >= one.start for _, end in spans[first:until]):
            leaving.add(name)
    return leaving


def grievances(
    told: Mapping[str, Grievance], records: Mapping[str, KeptRecord], rest: Rest
) -> tuple[set[str], set[str]]:
    """Of one key: the grievances and the records that leave.

    A grievance stays with those that were filed within two hours of it by the same reporter.  A
    record stays for a grievance that stays, and with those within an hour of it (KPI 10).
    """
    leaving = {
        name for name, one in told.items()
        if rest.may(("grievance", name), one.filed_at + reference.LINKED_WITHIN)
        and all(("record", r) in rest.over for r, record in records.items() if _about(one, record))
    }  # fmt: skip
    _hold_twins(told, leaving)
    staying = [one for name, one in told.items() if name not in leaving]
    gone = set[str]()
    for run in _runs(records.items(), lambda one: one[1].requested_at):
        until = run[-1][1].requested_at + reference.LINKED_WITHIN
        if all(rest.may(("record", name), until) for name, _ in run) and not any(
            _about(one, record) for one in staying for _, record in run
        ):
            gone |= {name for name, _ in run}
    return leaving, gone


def _hold_twins(told: Mapping[str, Grievance], leaving: set[str]) -> None:
    groups: dict[str, dict[str, Twin]] = {}
    for name, one in told.items():
        if one.twin is not None:
            groups.setdefault(one.twin.group, {})[name] = one.twin
    for run in (run for group in groups.values() for run in _filed(group)):
        together = {name for name, _ in run}
        if not together <= leaving:
            leaving -= together


class _After:
    """Reports by class and time: which of them could contradict a closure."""

    def __init__(self, told: Mapping[str, Report], law: Law) -> None:
        self._told, self._law = told, law
        self._filed: dict[str, list[tuple[int, str]]] = {}
        for name, report in told.items():
            self._filed.setdefault(report.matter, []).append((report.filed_at, name))
        for filed in self._filed.values():
            filed.sort()

    def of(self, report: Report) -> Iterator[str]:
        # Of what has no place all are far.
        filed = self._filed[report.matter] if report.place else []
        for at in report.resolved:
            first = bisect_left(filed, at, key=_first)
            for _, name in filed[first : bisect_right(filed, at + WITHIN, key=_first)]:
                if is_near(report, self._told[name], self._law):
                    yield name


def _asked_until(claim: Claim, law: Law) -> int:
    """Of what was seen who wrote of it later may be told, too (KPI 29)."""
    later = WRITTEN_LATER if claim.family == "sensor" else 0
    return claim.at + reach_of(claim, law).time + later


def _in_sight(
    claim: Claim, views: Sequence[View], clips: Collection[str], seen: Sightings, law: Law
) -> Iterator[Claim]:
    start, end = watched_span(claim, law)
    for camera in {view.camera_id for view in seeing(claim, views)}.union(clips):
        yield from seen.of(camera, start - claim.slack, end)


def _alarmed(claim: Claim, alarms: Sightings, law: Law) -> Iterator[Claim]:
    start, end = watched_span(claim, law)
    return (a for a in alarms.within(start - claim.slack, end) if are_near(claim, a, law))


def _first(item: tuple[int, *tuple[Any, ...]]) -> int:
    return item[0]


def _about(grievance: Grievance, record: KeptRecord) -> bool:
    """Whether a complaint may be about a record of its key."""
    apart = abs(record.requested_at - grievance.filed_at)
    named = record.case_id == grievance.key
    return named or apart <= reference.LINKED_WITHIN + reference.DUPLICATE_REQUEST


def _filed(group: Mapping[str, TwinT]) -> Iterator[list[tuple[str, TwinT]]]:
    """Of one reporter and category: what can be copies of each other."""
    return _runs(group.items(), lambda one: one[1].filed_at, reference.SAME_CASE_WITHIN)


def _runs(
    items: Iterable[T], when: Callable[[T], int], apart: int = reference.DUPLICATE_REQUEST
) -> Iterator[list[T]]:
    """In order of time, cut where more than an hour (`apart`) lies between two."""
    ordered = sorted(items, key=when)
    run = ordered[:1]
    for before, one in pairwise(ordered):
        if when(one) - when(before) > apart:
            yield run
            run = []
        run.append(one)
    if run:
        yield run
