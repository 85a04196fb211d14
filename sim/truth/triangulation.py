"""True numbers of corroborated incidents (catalogue 28 and section 5).

Claims: complaints of kind complaint whose category names a class (whatever became of the case),
at incident_at, else at submission; camera detections whose label is a class, at the camera; alarms
of signals, at their intersection, sensors as cameras are; reports of officers, unless they repeat a
case (origin_ref): a repetition is no claim of its own.
Claims of one class are linked when no further apart than the class allows; of two reforms the one
that allows less.  What hangs together is one incident.  It counts in the window of its earliest
claim, if one of its claims is within the class radius of a camera in service at the time of that
claim; it is corroborated by two families.
Claims without a place are left out as unlocated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from sim.city import CATEGORIES, Camera, distance_m, intersections
from sim.claims import REACH, Claim
from sim.signals import FAULT
from sim.story import Story
from sim.truth.cctv import in_service
from sim.truth.kpi import Beside, Reasons, Truth
from sim.truth.links import is_linked
from sim.truth.ranks import share
from sim.truth.twins import repeated_claims
from sim.truth.windows import CITY, FIELD, Row, Scope, Window, by_reason

KPI = "tri_corroborated_incident_pct"


@dataclass(frozen=True, slots=True)
class Incident:
    """Claims that hang together."""

    claims: tuple[Claim, ...]
    monitored: bool

    @property
    def began_at(self) -> int:
        """Moment of the earliest claim."""
        return min(claim.at for claim in self.claims)

    @property
    def corroborated(self) -> bool:
        """Told by two independent families."""
        return len({claim.family for claim in self.claims}) >= 2

    @property
    def several(self) -> bool:
        """Told by several citizens and nobody else; a copy is nobody."""
        return not self.corroborated and len({c.speaker for c in self.claims} - {""}) >= 2


def claims(story: Story) -> tuple[list[Claim], list[tuple[int, str]]]:
    """All claims with a place, and the moments and classes of those without."""
    found: list[Claim] = []
    lost: list[tuple[int, str]] = []
    for complaint in story.complaints:
        category = CATEGORIES.get(complaint.category)
        incident = category.incident if category else None
        if incident is None or complaint.kind not in (None, "complaint"):
            continue
        at = complaint.submitted_at if complaint.incident_at is None else complaint.incident_at
        if complaint.point is None:
            lost.append((at, incident))
        else:
            copy = complaint.origin_ref or is_linked(complaint.steps)
            copy = copy or complaint.case_id in repeated_claims(story)
            speaker = "" if copy else complaint.phone
            found.append(Claim(incident, "citizen", complaint.point, at, speaker,
                               complaint.submitted_at))  # fmt: skip
    places = {e.camera.camera_id: (e.camera.lat, e.camera.lon) for e in story.watch.registrations}
    for seen in story.detections:
        if seen.label in REACH:
            if seen.camera_id in places:
                found.append(Claim(seen.label, "sensor", places[seen.camera_id], seen.start))
            else:
                lost.append((seen.start, seen.label))
    of_alarms, unknown = alarms(story)
    for report in story.observations:
        if report.origin_ref is None:
            found.append(Claim(report.incident, "officer", report.point, report.at))
    return found + of_alarms, lost + unknown


def alarms(story: Story) -> tuple[list[Claim], list[tuple[int, str]]]:
    """Those of signals whose place is known, and the moments and class of the others."""
    places = intersections()
    told = [turn for turn in story.turns if turn.what == "alarm"]
    found = [
        Claim(FAULT, "sensor", places[turn.intersection_id], turn.at)
        for turn in told if turn.intersection_id in places
    ]  # fmt: skip
    return found, [(turn.at, FAULT) for turn in told if turn.intersection_id not in places]


@lru_cache(maxsize=4)
def incidents(story: Story) -> list[Incident]:
    """Every incident of the story, from its claims one class at a time."""
    all_claims, _ = claims(story)
    found = []
    for incident in REACH:
        for together in components([c for c in all_claims if c.incident == incident], story):
            monitored = any(_is_monitored(story, claim) for claim in together)
            found.append(Incident(tuple(together), monitored))
    return found


def components(unplaced: Iterable[Claim], story: Story) -> list[list[Claim]]:
    """Connected components of claims of one class, grown claim by claim."""
    left = list(unplaced)
    found = []
    while left:
        together = [left.pop()]
        for claim in together:  # grows while we walk it
            near = [other for other in left if linked(claim, other, story)]
            together.extend(near)
            left = [other for other in left if not linked(claim, other, story)]
        found.append(together)
    return found


def linked(a: Claim, b: Claim, story: Story) -> bool:
    """Close enough in time and space for their class."""
    reach = story.reach(a.incident, a.at, b.at)
    return abs(a.at - b.at) <= reach.within and distance_m(a.point, b.point) <= reach.radius_m


def _is_monitored(story: Story, claim: Claim) -> bool:
    service = in_service(story)
    cameras: dict[str, Camera] = {e.camera.camera_id: e.camera for e in story.watch.registrations}
    for camera_id, camera in cameras.items():
        until = service[camera_id].until
        if service[camera_id].since <= claim.at and (until is None or claim.at < until):
            radius = story.reach(claim.incident, claim.at).radius_m
            if distance_m(claim.point, (camera.lat, camera.lon)) <= radius:
                return True
    return False


def row(found: Iterable[Incident], window: Window, scope: Scope = CITY) -> Row:
    """One row of the incidents of a scope."""
    counted = [i for i in found if i.monitored and window.holds(i.began_at)]
    good = sum(incident.corroborated for incident in counted)
    return Row(KPI, window.name, *scope, window.start, window.end, good, len(counted))


def _rows(story: Story, window: Window) -> Iterator[Row]:
    found = incidents(story)
    yield row(found, window)
    for what in REACH:
        own = row([i for i in found if i.claims[0].incident == what], window, ("category", what))
        if own.denominator:
            yield own


def _beside(story: Story, row: Row) -> Beside:
    own = [i for i in incidents(story) if i.monitored and row.span.holds(i.began_at)
           and row.scope in (CITY, ("category", i.claims[0].incident))]  # fmt: skip
    return {"multi_reporter_pct": share(sum(one.several for one in own), len(own))}


def _unlocated(story: Story, window: Window) -> Reasons:
    lost = (what for at, what in claims(story)[1] if window.holds(at))
    return by_reason(("unlocated", [("category", what)]) for what in lost)


TRUTHS = (
    Truth(
        KPI,
        ("sikesal", "frigate"),
        ("1d", "7d", "28d"),
        _rows,
        _unlocated,
        horizon=FIELD,
        beside=_beside,
    ),
)
