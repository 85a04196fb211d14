"""The canonical event: what every connector emits and every KPI reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from sys import intern

import msgspec

Value = str | int | float | bool | None
"""What an event field may hold; times are moments (int microseconds, see core.moment)."""


class Event(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One fact that a source reported.

    `type` names the schema (`complaint.submitted`), `event_id` is a deterministic function of
    what the source sent (a resend is the same event), `occurred_at` is event time in
    microseconds UTC, `source` the reporting system or channel (`sikesal`), `fields` the rest
    as in `schemas/avro/<type>.avsc`.
    """

    type: str
    event_id: str
    occurred_at: int
    source: str
    fields: Mapping[str, Value] = {}

    def text(self, name: str) -> str:
        """A text field; empty when absent or null."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def whole(self, name: str) -> int | None:
        """An integer or moment field; None when absent or null."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def real(self, name: str) -> float | None:
        """A number field; None when absent or null."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value)

    def flag(self, name: str) -> bool:
        """A boolean field; False when absent or null."""
        return self.fields.get(name) is True


_ORDER = attrgetter("occurred_at", "event_id")


class InOrder(tuple[Event, ...]):
    """Events that are sorted: what several facts of one case are read from is sorted once."""

    __slots__ = ()


def shared(event: Event) -> Event:
    """An event that was just decoded, with the names that all of a type share as one object."""
    kind, source = intern(event.type), intern(event.source)
    return Event(kind, event.event_id, event.occurred_at, source, event.fields)


def event_id(source: str, reference: str, what: str, sequence: str = "") -> str:
    """Readable deterministic id: (source, source_ref, type, seq) of convention C3."""
    return ":".join(part for part in (source, reference, what, sequence) if part)


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Events as they happened, by (occurred_at, event_id): never as they arrived."""
    return events if isinstance(events, InOrder) else InOrder(sorted(events, key=_ORDER))


def first_of(ordered: Iterable[Event], event_type: str) -> Event | None:
    """The first event of a type; None without one."""
    for event in ordered:
        if event.type == event_type:
            return event
    return None
