"""Incidents that others than cameras confirm, and whether a camera told of them (catalogue KPI 31).

Cameras neither make nor confirm such an incident: that would be a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.kpi import Subject
from core.law import Law
from core.moment import HOUR, wib_day_start
from core.sightings import Sightings
from core.triangulation import Claim, Incident, incidents
from core.uptimes import Uptime
from core.verdicts import Review, available, in_time, watched_span
from core.views import View

CONFIRMED = Subject("confirmed_incident")
DETECTION = Subject("reviewed_detection")

DAYLIGHT = (6 * HOUR, 18 * HOUR)
"""Times of the local day (project choice): 1.6 degrees south of the equator the sun rises between
05:45 and 06:15 and sets between 17:50 and 18:20, all the year."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One that lay in view of a camera that was up; `sightings` are ids of what cameras saw.

    `camera`: as this one alone could see it; empty: as all of them together.
    `lead` is by how much the first sighting was earlier than the first report of a citizen,
    microseconds; below 0 it was later, None where one of the two is missing.
    """

    incident: Incident
    intersection: str
    sightings: tuple[str, ...]
    lead: int | None = None
    camera: str = ""

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id; the intersection is that of the first camera."""
        if self.camera:
            return {"camera": self.camera}
        return {
            "city": "city",
            "category": self.incident.claims[0].incident,
            "intersection": self.intersection,
            "daylight": daylight(self.incident.at),
        }


@dataclass(frozen=True, slots=True)
class Detection:
    """A sighting whose clip an operator looked at; `review` is the id of the one that counts."""

    sighting: Claim
    intersection: str | None
    real: bool
    review: str

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id; without a known field of view there is no intersection."""
        own = {} if self.intersection is None else {"intersection": self.intersection}
        return own | {
            "city": "city",
            "category": self.sighting.incident,
            "camera": self.sighting.camera,
            "daylight": daylight(self.sighting.at),
        }


def daylight(at: int) -> str:
    """`day` or `night`."""
    rise, fall = DAYLIGHT
    return "day" if rise <= at - wib_day_start(at) < fall else "night"


def confirmed(
    claims: Iterable[Claim], views: Sequence[View], uptime: Uptime, law: Law
) -> Iterator[Confirmed]:
    """The eligible ones among the claims of one class: each as a whole, and as each camera's.

    A camera could tell of it if it was available (`verdicts.available`) to any of its claims, and
    told of it if it saw the class within the time of the class around that claim.
    """
    told: dict[bool, list[Claim]] = {True: [], False: []}
    for claim in claims:
        told[claim.by_camera].append(claim)
    sightings = Sightings(told[True])
    for incident in incidents(told[False], law):
        if not _confirmed(incident):
            continue
        seen: dict[View, set[Claim]] = {}
        for claim in incident.claims:
            span = watched_span(claim, law)
            for view in available(claim, views, uptime, law):
                seen.setdefault(view, set()).update(
                    s for s in sightings.of(view.camera_id, *span) if in_time(claim, s, law)
                )
        if not seen:
            continue
        first = min(seen, key=lambda view: view.camera_id)
        yield _looked(incident, first, {claim for own in seen.values() for claim in own}, "")
        for view, own in sorted(seen.items(), key=lambda one: one[0].camera_id):
            yield _looked(incident, view, own, view.camera_id)


def reviewed(
    claims: Iterable[Claim], views: Iterable[View], reviews: Iterable[Review], law: Law
) -> Iterator[Detection]:
    """Sightings of one class that lie on a clip that was looked at, and whether they were real.

    The clip of a camera shows what it saw within the time of the class around the report that the
    review was for.  Of the reviews of a sighting the last that is not `unclear` counts.
    """
    known = list(claims)
    reports = {claim.claim_id: claim for claim in known if claim.reported}
    sightings = Sightings(claim for claim in known if claim.by_camera)
    where = {view.camera_id: view.intersection for view in views}
    last: dict[Claim, Review] = {}
    for review in sorted(reviews):
        report = reports.get(review.case_id)
        if report is None or review.verdict not in {"confirmed", "refuted"}:
            continue
        start, end = watched_span(report, law)
        for sighting in sightings.of(review.camera_id, start - report.slack, end):
            if in_time(report, sighting, law, report.slack):
                last[sighting] = review
    for sighting, review in sorted(last.items(), key=lambda one: one[0].claim_id):
        real = review.verdict == "confirmed"
        yield Detection(sighting, where.get(sighting.camera), real, review.event_id)


def _looked(incident: Incident, view: View, seen: set[Claim], camera: str) -> Confirmed:
    told = [c.at for c in incident.claims if c.reported and not c.copy]
    lead = min(told) - min(s.at for s in seen) if told and seen else None
    ids = tuple(sorted(sighting.claim_id for sighting in seen))
    return Confirmed(incident, view.intersection, ids, lead, camera)


def _confirmed(incident: Incident) -> bool:
    """By an officer or an alarm, or by two known reporters who do not repeat a case."""
    reporters = {c.reporter for c in incident.claims if c.reported and not c.copy} - {""}
    return len(reporters) >= 2 or any(c.family == "officer" or c.signal for c in incident.claims)
