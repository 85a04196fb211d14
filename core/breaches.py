"""A failure to protect personal data: the set of its events, and when the law wants it told.

Rules: KPI 23 of the catalogue (UU 27/2022 article 46: 3 x 24 hours, to the people and the
authority).  Events are ordered by (occurred_at, event_id), never by arrival.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from propcache.api import cached_property

from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.lifecycles.breach import BREACH_LIFE, TOLD
from core.moment import HOUR

NOTICE_WITHIN = 72 * HOUR
"""Wall clock: holidays do not stop it (UU 27/2022 article 46(1), verified)."""


@dataclass(frozen=True)
class Breach:
    """One failure.  `events` is sorted; `detected` is when somebody first knew of it."""

    events: tuple[Event, ...]
    detected: Event

    @classmethod
    def of(cls, events: Iterable[Event]) -> Breach | None:
        """The failure, or None while nobody is said to have detected it."""
        ordered = in_order(events)
        first = first_of(ordered, "privacy.breach_detected")
        return cls(ordered, first) if first else None

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id (convention C11); the channel is the system that failed."""
        return {"city": "city", "channel": self.detected.text("system")}

    @property
    def due_at(self) -> int:
        """Last instant for both notices."""
        return self.detected.occurred_at + NOTICE_WITHIN

    @cached_property
    def told_at(self) -> int | None:
        """When the later of the two recipients was first told; None while one was not."""
        steps = BREACH_LIFE.walk(self.events)
        return next((step.event.occurred_at for step in steps if step.state == TOLD), None)


def _over(breach: Breach) -> int | None:
    """When both were told and the 72 hours are over."""
    return None if breach.told_at is None else max(breach.due_at, breach.events[-1].occurred_at)


BREACH = Subject("breach", "privacy", Breach.of, over=_over, opens=("privacy.breach_detected",))
