"""Incidents that others than cameras confirm, and whether a camera told of them (catalogue KPI 31).

Cameras neither make nor confirm such an incident: that would be a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.kpi import Subject
from core.triangulation import Claim, Incident, incidents
from core.uptimes import Uptime
from core.verdicts import available, watched_span
from core.views import View

CONFIRMED = Subject("confirmed_incident")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One that lay in the view of a camera that was up; `sightings` are ids of what cameras saw."""

    incident: Incident
    intersection: str
    sightings: tuple[str, ...]

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id; the intersection is that of the first camera."""
        return {
            "city": "city",
            "category": self.incident.claims[0].incident,
            "intersection": self.intersection,
        }


def confirmed(
    claims: Iterable[Claim], views: Sequence[View], uptime: Uptime
) -> Iterator[Confirmed]:
    """The eligible ones among the claims of one class.

    A camera could tell of it if it was available (`verdicts.available`) to any of its claims, and
    told of it if it saw the class within the time of the class around that claim.
    """
    told: dict[bool, list[Claim]] = {True: [], False: []}
    for claim in claims:
        told[claim.family == "sensor"].append(claim)
    for incident in incidents(told[False]):
        if not _confirmed(incident):
            continue
        looked = [
            (view, watched_span(claim))
            for claim in incident.claims
            for view in available(claim, views, uptime)
        ]
        if looked:
            seen = {
                s.claim_id
                for s in told[True]
                for view, (start, end) in looked
                if s.camera == view.camera_id and start <= s.at <= end
            }
            first = min((view for view, _ in looked), key=lambda view: view.camera_id)
            yield Confirmed(incident, first.intersection, tuple(sorted(seen)))


def _confirmed(incident: Incident) -> bool:
    """By an officer, or by two known reporters who do not repeat a case."""
    reporters = {c.reporter for c in incident.claims if c.reported and not c.copy} - {""}
    return len(reporters) >= 2 or any(c.family == "officer" for c in incident.claims)
