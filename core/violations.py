"""A traffic violation that a camera recorded and somebody validated: the set of its events.

Rules: KPI 22 of the catalogue.  A raw detection is no violation; only a validated one is a case.
It is forwarded by the city; letter and answer are told by the traffic police, if at all.
Events are ordered by (occurred_at, event_id), never by arrival.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.moment import DAY, HOUR

WAITED_FOR = 30 * DAY
"""What the police make of it later belongs to no window that is not final."""
FORWARD_WITHIN = 24 * HOUR
"""Wall clock from validation to the traffic police (project choice of the catalogue)."""


@dataclass(frozen=True)
class Violation:
    """One violation.  `events` is sorted; `validated` is its first validation."""

    events: tuple[Event, ...]
    validated: Event

    @classmethod
    def of(cls, events: Iterable[Event]) -> Violation | None:
        """The violation, or None while nobody has validated it."""
        ordered = in_order(events)
        first = first_of(ordered, "violation.validated")
        return cls(ordered, first) if first else None

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id (convention C11); the category is the class of violation."""
        return {
            "city": "city",
            "intersection": self.validated.text("intersection_id") or "unlocated",
            "category": self.validated.text("violation_class") or "unknown",
        }

    @property
    def forwarded_in_time(self) -> bool:
        """Whether the police had it within 24 hours of its validation."""
        limit = self.validated.occurred_at + FORWARD_WITHIN
        return any(e.type == "violation.forwarded" and e.occurred_at <= limit for e in self.events)

    def reached(self, step: str) -> bool:
        """Whether it was ever `forwarded`, had its `letter_sent` or was `confirmed`."""
        return first_of(self.events, f"violation.{step}") is not None


def _over(violation: Violation) -> int:
    """When its last step was told; without that a month after what was told last."""
    last = max(violation.events[-1].occurred_at, violation.validated.occurred_at + FORWARD_WITHIN)
    return last if violation.reached("confirmed") else last + WAITED_FOR


VIOLATION = Subject(
    "violation", "violation", Violation.of,
    over=_over, opens=("violation.validated",), admitted=14 * DAY,
)  # fmt: skip
