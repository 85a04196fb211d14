"""What the city knows of a citizen's report: the verdict machine (catalogue 5.4), for KPI 29.

A verdict says what the evidence says.  It is read by KPIs and by nobody else: no case looks at it,
so that it cannot close, reject or downgrade a complaint (catalogue 5.5, UU 25/2009 article 40).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from core.classes import Classes
from core.kpi import Subject
from core.law import Law
from core.moment import HOUR
from core.opposites import Normality
from core.reference import LABELS
from core.triangulation import Claim, Incident, are_near, reach_of, reach_of_both
from core.uptimes import Uptime, was_up
from core.views import View

REPORT = Subject("report_verdict")
FINAL_AFTER = 72 * HOUR
"""Catalogue 5.4: a verdict is final so long after t + t_c."""


class Verdict(StrEnum):
    """States of the machine."""

    PENDING = "pending"
    CORROBORATED = "corroborated"
    REFUTED = "refuted"
    ABSENT = "absent"
    UNVERIFIABLE = "unverifiable"


class Evidence(StrEnum):
    """What moves it, in the order in which it is weighed: never in that of arrival."""

    NOT_ELIGIBLE = "not_eligible"
    NOTHING_SEEN = "nothing_seen"
    OPPOSITE_MEASURED = "opposite_measured"
    SECOND_FAMILY = "second_family"
    REVIEW_REFUTES = "review_refutes"
    REVIEW_CONFIRMS = "review_confirms"


NEXT: Mapping[tuple[Verdict, Evidence], Verdict] = {
    (Verdict.PENDING, Evidence.NOT_ELIGIBLE): Verdict.UNVERIFIABLE,
    (Verdict.PENDING, Evidence.NOTHING_SEEN): Verdict.ABSENT,
    (Verdict.PENDING, Evidence.OPPOSITE_MEASURED): Verdict.REFUTED,
    (Verdict.ABSENT, Evidence.OPPOSITE_MEASURED): Verdict.REFUTED,
    (Verdict.REFUTED, Evidence.SECOND_FAMILY): Verdict.CORROBORATED,
    (Verdict.UNVERIFIABLE, Evidence.SECOND_FAMILY): Verdict.CORROBORATED,
    (Verdict.ABSENT, Evidence.SECOND_FAMILY): Verdict.CORROBORATED,
    (Verdict.PENDING, Evidence.SECOND_FAMILY): Verdict.CORROBORATED,
    (Verdict.PENDING, Evidence.REVIEW_REFUTES): Verdict.REFUTED,
    (Verdict.ABSENT, Evidence.REVIEW_REFUTES): Verdict.REFUTED,
    (Verdict.CORROBORATED, Evidence.REVIEW_REFUTES): Verdict.REFUTED,
    (Verdict.PENDING, Evidence.REVIEW_CONFIRMS): Verdict.CORROBORATED,
    (Verdict.ABSENT, Evidence.REVIEW_CONFIRMS): Verdict.CORROBORATED,
    (Verdict.REFUTED, Evidence.REVIEW_CONFIRMS): Verdict.CORROBORATED,
}
"""(state, evidence) to the next state; what is not in it changes nothing.

Corroborated beats refuted unless a review says otherwise.  The clip of a camera that is not
eligible is no evidence, so a review moves nothing that is unverifiable (golden example G12).
"""


def verdict(found: Iterable[Evidence]) -> Verdict:
    """Where a set of evidence leads from pending."""
    weighed, state = set(found), Verdict.PENDING
    for evidence in Evidence:
        if evidence in weighed:
            state = NEXT.get((state, evidence), state)
    return state


class Review(msgspec.Struct, frozen=True, order=True, gc=False):
    """What an operator saw on the clip of a camera; the last clear one of a report counts."""

    at: int
    event_id: str
    case_id: str
    camera_id: str
    verdict: str
    incident: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A citizen's report, its verdict, and the ids of the claims, reviews, measurements behind it.

    `intersection` is that of the first eligible camera, None when it is not eligible.
    """

    claim: Claim
    verdict: Verdict
    intersection: str | None
    support: tuple[str, ...]
    by: Classes
    """The version in force at its time."""

    @property
    def eligible(self) -> bool:
        """A camera that would have told of it looked there."""
        return self.intersection is not None

    @property
    def final_at(self) -> int:
        """From when on nothing moves it any more."""
        return self.claim.at + self.by.reach[self.claim.incident].time + FINAL_AFTER

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        own = {} if self.intersection is None else {"intersection": self.intersection}
        return {"city": "city", "category": self.claim.incident, **own}


def watched_span(claim: Claim, law: Law) -> tuple[int, int]:
    """[t - t_c, t + t_c], in which a camera has to be up."""
    time = reach_of(claim, law).time
    return claim.at - time, claim.at + time


def in_time(claim: Claim, seen: Claim, law: Law, slack: int = 0) -> bool:
    """What was seen is of the time of a claim, which may have begun earlier by the `slack`."""
    time = reach_of_both(claim, seen, law).time
    return claim.at - time - slack <= seen.at <= claim.at + time


def seeing(claim: Claim, views: Iterable[View]) -> list[View]:
    """Cameras that look at the place and tell of the class, up or not."""
    place = claim.place
    if place is None or claim.incident not in LABELS:
        return []
    return [v for v in views if v.shows(claim.incident, place)]


def available(claim: Claim, views: Iterable[View], uptime: Uptime, law: Law) -> list[View]:
    """Those that were also up in 90 % of the minutes around it."""
    start, end = watched_span(claim, law)
    return [
        view
        for view in seeing(claim, views)
        if view.camera_id in uptime and was_up(uptime[view.camera_id], start, end)
    ]


def judged(
    clusters: Iterable[Incident], views: Sequence[View], uptime: Uptime, reviews: Iterable[Review],
    normal: Normality, law: Law,
) -> Iterator[Judged]:  # fmt: skip
    """The verdict on each citizen's report of the incidents of one class; copies have none.

    Reports without a place are in no incident, and not eligible.
    """
    by_case: dict[str, list[Review]] = {}
    for review in sorted(reviews):
        by_case.setdefault(review.case_id, []).append(review)
    found = list(clusters)
    sightings = sorted(
        (c for cluster in found for c in cluster.claims if c.family == "sensor"), key=_when
    )
    for cluster in found:
        for claim in cluster.claims:
            if claim.family == "citizen" and claim.reported and not claim.copy:
                mine = by_case.get(claim.claim_id, [])
                yield _judge(claim, cluster, views, uptime, mine, sightings, normal, law)


def _judge(
    claim: Claim, cluster: Incident, views: Sequence[View], uptime: Uptime,
    reviews: Sequence[Review], sightings: Sequence[Claim], normal: Normality, law: Law,
) -> Judged:  # fmt: skip
    start, end = watched_span(claim, law)
    eligible = available(claim, views, uptime, law)
    names = {view.camera_id for view in eligible}
    where = min(eligible, key=lambda view: view.camera_id).intersection if eligible else None
    evidence = [Evidence.NOTHING_SEEN if eligible else Evidence.NOT_ELIGIBLE]
    support: set[str] = set()
    opposite = normal.throughout(where, start - claim.slack, end) if where is not None else ()
    if opposite:
        evidence.append(Evidence.OPPOSITE_MEASURED)
        support.update(opposite)
    others = {c.claim_id for c in cluster.claims if c.family != claim.family}
    others |= {
        seen.claim_id
        for seen in sightings[
            bisect_left(sightings, start - claim.slack, key=_when) : bisect_right(
                sightings, end, key=_when
            )
        ]
        if (seen.camera in names or (seen.signal and are_near(claim, seen, law)))
        and in_time(claim, seen, law, claim.slack)
    }
    if others:
        evidence.append(Evidence.SECOND_FAMILY)
        support |= others
    clear = [r for r in reviews if r.camera_id in names and r.verdict in {"confirmed", "refuted"}]
    if clear:
        refutes = clear[-1].verdict == "refuted"
        evidence.append(Evidence.REVIEW_REFUTES if refutes else Evidence.REVIEW_CONFIRMS)
        support.add(clear[-1].event_id)
    by = law.at(claim.at).classes
    return Judged(claim, verdict(evidence), where, tuple(sorted(support)), by)


def _when(claim: Claim) -> int:
    return claim.at
