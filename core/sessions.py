"""Uses of the city's apps: by citizens and civil servants, and by officers of a kelurahan.

Rules: KPIs 12 and 20 of the catalogue.  A session told several times is as it was told last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.moment import DAY

ACTIVE_SECONDS = 10
"""Shorter sessions are no use (catalogue KPI 20)."""
CIVIL_SERVANT = "asn"
"""Role of a civil servant, as the single sign-on names it."""


@dataclass(frozen=True, slots=True)
class Session:
    """One use of an app."""

    event: Event

    @classmethod
    def of(cls, events: Iterable[Event]) -> Session | None:
        """The session as told last; None without one."""
        told = _last(events, "app.session")
        return cls(told) if told else None

    @property
    def is_use(self) -> bool:
        """Long enough to count, and of somebody."""
        seconds = self.event.whole("seconds") or 0
        return seconds >= ACTIVE_SECONDS and bool(self.event.text("user_key"))

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        return {"city": "city"}


@dataclass(frozen=True, slots=True)
class OfficerSession:
    """One use of Sipaten by an officer of a kelurahan."""

    event: Event

    @classmethod
    def of(cls, events: Iterable[Event]) -> OfficerSession | None:
        """The session as told last; None without one."""
        told = _last(events, "officer.session")
        return cls(told) if told else None

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        return {"city": "city"}


def _last(events: Iterable[Event], event_type: str) -> Event | None:
    return first_of(reversed(in_order(events)), event_type)


def _over(session: Session | OfficerSession) -> int:
    return session.event.occurred_at


SESSION = Subject(
    "session", "app", Session.of, over=_over, opens=("app.session",), admitted=7 * DAY
)
OFFICER = Subject(
    "officer_session", "officer", OfficerSession.of,
    over=_over, opens=("officer.session",), admitted=7 * DAY,
)  # fmt: skip
