"""The traffic signals of one intersection: when they failed and when they were back.

Rules: KPI 27 of the catalogue; who else knew of a fault before says the join (`core.faults`).
A fault begins with an alarm.  More than 60 minutes of normal
operation end it; an alarm before that is still the same fault.  A signal is back when somebody
says so and a device confirms it within 30 minutes, otherwise when the device does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from propcache.api import cached_property

from core.events import Event, in_order
from core.kpi import Subject
from core.law import SHIPPED, Law, Recomputed
from core.lifecycles.signal import SIGNAL_LIFE, WORKING
from core.moment import MINUTE
from core.tables import IntersectionTable

NORMAL = 60 * MINUTE
CONFIRMATION = 30 * MINUTE
POWER_CUT = "pln"
FAULT = "signal_fault"
"""Class of what an alarm tells of (catalogue 5.3)."""


@dataclass(slots=True)
class Fault:
    """One fault; `restored_at` is None while the signal is not back for certain.

    `dispatched_at` is when a team was first sent, None while nobody told of one.
    """

    alarmed_at: int
    first: str
    """Id of the alarm that began it."""
    restored_at: int | None = None
    dispatched_at: int | None = None
    power_cut: bool = False


@dataclass(frozen=True)
class Signals:
    """The events of one intersection, sorted by (occurred_at, event_id)."""

    events: tuple[Event, ...]
    law: Law = SHIPPED

    @classmethod
    def of(cls, events: Iterable[Event], law: Law = SHIPPED) -> Signals | None:
        """The signals, or None without an event; `law` knows where the intersection is."""
        ordered = in_order(events)
        return cls(ordered, law) if ordered else None

    @property
    def recomputed(self) -> tuple[Recomputed, ...]:
        """Nothing: its 24 hours are none of working days."""
        return ()

    @property
    def intersection(self) -> str:
        """Code of the intersection."""
        return self.events[0].text("intersection_id")

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude by the newest table, as of a camera; None where nobody said."""
        return self.law.newest.read(IntersectionTable).place(self.intersection)

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        return {"city": "city", "intersection": self.intersection}

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault, in order."""
        found: list[Fault] = []
        claims: list[int] = []
        for step in SIGNAL_LIFE.walk(self.events):
            event, name, before, state = step.event, step.name, step.before, step.state
            at = event.occurred_at
            if name == "alarm":
                back = found[-1].restored_at if found else None
                if not found or (back is not None and at - back > NORMAL):
                    found.append(Fault(at, event.event_id))
                # What was said before the alarm came again did not hold.
                found[-1].restored_at = None
                found[-1].power_cut |= event.text("cause") == POWER_CUT
                claims.clear()
            elif name == "dispatched":
                if before != WORKING and found[-1].dispatched_at is None:
                    found[-1].dispatched_at = at
            elif before != WORKING:
                claims.append(at)
                if state == WORKING:
                    found[-1].restored_at = next(c for c in claims if at - c <= CONFIRMATION)
        return tuple(found)


def spent(events: Iterable[Event], horizon: int) -> set[str]:
    """Ids of events of faults that are over and followed by another, both begun by `horizon`.

    What comes later than that changes nothing of them, and nothing that stays depends on them: a
    fault that is followed was back for more than an hour, and what its events are called in the
    lifecycle was said before, in a fault that stays (so that what is said again is known to be).
    """
    made = Signals.of(events)
    faults = made.faults if made else ()
    begins = {fault.first for fault in faults}
    names = {
        step.event.event_id: step.name for step in SIGNAL_LIFE.walk(made.events if made else ())
    }
    parts: list[list[Event]] = [[]]
    for event in made.events if made else ():
        if event.event_id in begins:
            parts.append([])
        parts[-1].append(event)
    gone, said = set[str](), {names[event.event_id] for event in parts[0]}
    for part, following in pairwise(parts[1:]):
        own = {names[event.event_id] for event in part}
        if following[0].occurred_at <= horizon and own <= said:
            gone.update(event.event_id for event in part)
        said |= own
    return gone


SIGNALS = Subject("signal", "signal", judged=Signals.of, spent=spent)
