"""The file of a service request: all of its events, before the one-hour rule says if it counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from propcache.api import cached_property

from core.calendar import Due
from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.law import SHIPPED, Law, Recomputed, Stand
from core.lifecycles.request import REQUEST_LIFE
from core.moment import DAY

_STOPPING = ("service.decided", "service.withdrawn")
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
    def case_id(self) -> str:
        """Number of the case."""
        return self.requested.text("case_id")

    @property
    def submitted_at(self) -> int:
        """When it was made."""
        return self.requested.occurred_at

    @cached_property
    def service_code(self) -> str:
        """Which service."""
        return self.requested.text("service_code")

    @cached_property
    def _firsts(self) -> Mapping[str, Event]:
        found: dict[str, Event] = {}
        for event in self.events:
            # That it is not complete decides nothing.
            if event.type not in found and event.fields.get("complete", True):
                found[event.type] = event
        return found

    def first(self, event_type: str) -> Event | None:
        """The first event of a type; of verdicts on the file the first that finds it complete."""
        return self._firsts.get(event_type)

    def first_at(self, event_type: str) -> int | None:
        """When it happened."""
        event = self._firsts.get(event_type)
        return None if event is None else event.occurred_at

    @cached_property
    def stopped_at(self) -> int | None:
        """When the clock of its decision stopped; None while it runs."""
        stops = [event for name in _STOPPING if (event := self._firsts.get(name)) is not None]
        return min([event.occurred_at for event in stops], default=None)

    def due(self, complete_at: int) -> Due:
        """By when it must be decided, had it been complete then."""
        return self.law.due(complete_at, self._limit, self.stopped_at)

    @property
    def recomputed(self) -> tuple[Recomputed, ...]:
        """What other versions made of its due instant while it was open."""
        complete = self.first_at("service.completeness_decided")
        if complete is None:
            return ()
        return self.law.recomputed(self.case_id, "decision", complete, self._limit, self.stopped_at)

    def _limit(self, stand: Stand) -> int:
        """Working days in which the service is to be decided."""
        standard = stand.service_standard
        return standard.days.get(self.service_code, standard.default_days)

    @cached_property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        kelurahan = self.requested.text("kelurahan_code")
        kecamatan = self.requested.text("kecamatan_code") or kelurahan[:8]
        known = self.law.at(self.stopped_at).registers.known
        return {
            "city": "city",
            "channel": self.requested.text("app") or self.requested.source,
            "kecamatan": known("kecamatan", kecamatan or "unlocated"),
            "kelurahan": known("kelurahan", kelurahan or "unlocated"),
        }


def _over(file: ServiceFile) -> int | None:
    """When it was handed over, refused or withdrawn; 90 days after a grant that nobody fetches."""
    state = REQUEST_LIFE.walk(file.events, file.law)[-1].state
    last = file.events[-1].occurred_at
    if state in {"handed_over", "refused", "withdrawn"}:
        return last
    return last + NEVER_FETCHED if state == "decided" else None


SERVICE = Subject(
    "request", "service", judged=ServiceFile.of, over=_over, opens=("service.requested",)
)
