"""The file of a service request: all of its events, before the one-hour rule says if it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.law import SHIPPED, Law
from core.lifecycles.request import REQUEST_LIFE
from core.moment import DAY
from core.requests import stopped_at

NEVER_FETCHED = 90 * DAY
"""Project choice: a letter that was granted and not handed over by then is not waited for."""


@dataclass(frozen=True)
class ServiceFile:
    """One file.  `events` is sorted; `requested` is its first request."""

    events: tuple[Event, ...]
    requested: Event
    law: Law = SHIPPED

    @classmethod
    def of(cls, events: Iterable[Event], law: Law = SHIPPED) -> ServiceFile | None:
        """The file, or None while its request is not known."""
        ordered = in_order(events)
        first = first_of(ordered, "service.requested")
        return cls(ordered, first, law) if first else None

    @cached_property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        kelurahan = self.requested.text("kelurahan_code")
        kecamatan = self.requested.text("kecamatan_code") or kelurahan[:8]
        known = self.law.at(stopped_at(self.events)).registers.known
        return {
            "city": "city",
            "channel": self.requested.text("app") or self.requested.source,
            "kecamatan": known("kecamatan", kecamatan or "unlocated"),
            "kelurahan": known("kelurahan", kelurahan or "unlocated"),
        }


def _over(file: ServiceFile) -> int | None:
    """When it was handed over, refused or withdrawn; 90 days after a grant that nobody fetches."""
    names = {step.state for step in REQUEST_LIFE.walk(file.events, file.law)[-1:]}
    last = file.events[-1].occurred_at
    if names & {"handed_over", "refused", "withdrawn"}:
        return last
    return last + NEVER_FETCHED if names & {"decided"} else None


SERVICE = Subject(
    "request", "service", judged=ServiceFile.of, over=_over, opens=("service.requested",)
)
