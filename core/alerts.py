"""An alert to the operators: the set of its events, and what the join has to know of it.

Rules: KPI 26 of the catalogue.  What is raised at one place at one time is one storm, whatever
numbers it has: as its alerts may be in several partitions, the join counts them (`core.storms`).
Events are ordered by (occurred_at, event_id), never by arrival.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from propcache.api import cached_property

from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.land import Place
from core.moment import DAY, MINUTE, SECOND

SEVERE = frozenset({"high", "critical"})
"""Severities that an operator must answer (catalogue: high and above)."""
LONGEST_WAIT = 30 * MINUTE
"""An alert that nobody took on by then enters with this time."""
GONE_BY_ITSELF = 30 * SECOND
"""An alert that ends by itself sooner asked nobody for anything."""
FORGOTTEN_AFTER = 7 * DAY
"""An alert that nobody resolves is waited for so long; its time counts long before."""


@dataclass(frozen=True)
class Alert:
    """One alert.  `events` is sorted; `raised` is when it was raised first."""

    events: tuple[Event, ...]
    raised: Event

    @classmethod
    def of(cls, events: Iterable[Event]) -> Alert | None:
        """The alert, or None while it is not known to have been raised."""
        ordered = in_order(events)
        first = first_of(ordered, "alert.raised")
        return cls(ordered, first) if first else None

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id (convention C11); the category is the class of alert."""
        return {"city": "city", "category": self.raised.text("alert_class") or "unknown"}

    @property
    def is_severe(self) -> bool:
        """Whether an operator must answer it."""
        return self.raised.text("severity") in SEVERE

    @cached_property
    def left_out(self) -> str | None:
        """Why it does not count; None when it does (C9)."""
        if self.raised.flag("test"):
            return "test"
        at = self.raised.occurred_at
        by_itself = any(
            e.type == "alert.resolved" and e.flag("automatic")
            and at <= e.occurred_at < at + GONE_BY_ITSELF
            for e in self.events
        )  # fmt: skip
        return "auto_resolved" if by_itself else None

    @property
    def settled_at(self) -> int:
        """From this instant on its time cannot change."""
        return self.raised.occurred_at + LONGEST_WAIT

    @property
    def acknowledged_at(self) -> int | None:
        """When an operator first took it on."""
        acknowledged = first_of(self.events, "alert.acknowledged")
        return acknowledged.occurred_at if acknowledged else None


class Severe(msgspec.Struct, frozen=True, gc=False):
    """What the join needs to know of one alert that must be answered; times are moments."""

    case_id: str
    alert_class: str
    raised_at: int
    acknowledged_at: int | None
    left_out: str | None
    lat: float | None
    lon: float | None

    @classmethod
    def of(cls, case: Alert) -> Severe | None:
        """What its events say; None where nobody has to answer it."""
        if not case.is_severe:
            return None
        lat, lon = case.raised.real("lat"), case.raised.real("lon")
        return cls(
            case_id=case.raised.text("case_id"),
            alert_class=case.scopes["category"],
            raised_at=case.raised.occurred_at,
            acknowledged_at=case.acknowledged_at,
            left_out=case.left_out,
            lat=None if lon is None else lat,
            lon=None if lat is None else lon,
        )

    @property
    def place(self) -> Place | None:
        """Latitude and longitude, or None when not located."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


def _over(alert: Alert) -> int:
    """When it was resolved, or as if it had been."""
    last = alert.events[-1].occurred_at
    resolved = any(e.type == "alert.resolved" for e in alert.events)
    return max(last, alert.settled_at if resolved else alert.settled_at + FORGOTTEN_AFTER)


ALERT = Subject("alert", "alert", Alert.of, over=_over, opens=("alert.raised",), admitted=7 * DAY)
