"""Events of a key of which the first event is not known: no case yet, and never silently none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.events import Event, in_order


@dataclass(frozen=True, slots=True)
class Orphan:
    """The events, sorted.  They may become a case: then they are no orphan any more."""

    events: tuple[Event, ...]

    @classmethod
    def of(cls, events: Iterable[Event]) -> Orphan:
        """What is known of the key."""
        return cls(in_order(events))

    @property
    def scopes(self) -> Mapping[str, str]:
        """The city's alone: nothing says whose it is."""
        return {"city": "city"}
