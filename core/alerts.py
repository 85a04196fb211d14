"""An alert to the operators: the set of its events, and how long it waited for one of them.

Rules: KPI 26 of the catalogue.  Events are ordered by (occurred_at, event_id), never by arrival.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.moment import DAY, HOUR, MINUTE, SECOND, wib_day_start

SEVERE = frozenset({"high", "critical"})
"""Severities that an operator must answer (catalogue: high and above)."""
LONGEST_WAIT = 30 * MINUTE
"""An alert that nobody took on by then enters with this time."""
GONE_BY_ITSELF = 30 * SECOND
"""An alert that ends by itself sooner asked nobody for anything."""
SHIFTS = ("night", "day", "evening")
"""Of eight hours each, from midnight WIB: 00-08, 08-16, 16-24 (project choice)."""
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
    def shift(self) -> str:
        """The shift that was on duty when it was raised."""
        at = self.raised.occurred_at
        return SHIFTS[(at - wib_day_start(at)) // (8 * HOUR)]

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

    @cached_property
    def answered_at(self) -> int:
        """When an operator first took it on; at the latest the end of the longest wait."""
        at = self._acknowledged_at
        return self.settled_at if at is None else min(at, self.settled_at)

    @property
    def answered(self) -> bool:
        """Whether an operator took it on before the longest wait was over, or just then."""
        at = self._acknowledged_at
        return at is not None and at <= self.settled_at

    @property
    def _acknowledged_at(self) -> int | None:
        acknowledged = first_of(self.events, "alert.acknowledged")
        return acknowledged.occurred_at if acknowledged else None


def _over(alert: Alert) -> int:
    """When it was resolved, or as if it had been."""
    last = alert.events[-1].occurred_at
    resolved = any(e.type == "alert.resolved" for e in alert.events)
    return max(last, alert.settled_at if resolved else alert.settled_at + FORGOTTEN_AFTER)


ALERT = Subject("alert", "alert", Alert.of, over=_over, opens=("alert.raised",), admitted=7 * DAY)
