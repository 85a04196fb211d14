"""When a case may leave the state, and how one that left is known again.

The rule is decision 0013: a case leaves when it is over and has been quiet for the lateness of its
kind, in event time and in ticks.  Of what left its id stays for as long as the event that opens it
could still be taken for a new one; an opening event that is older than that is too late by its age.
Everything here is a function of the events of a case and of ticks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Generic, TypeVar

from core.events import Event
from core.kpi import Subject
from core.moment import DAY, NEVER

FROZEN = 90 * DAY
"""A worker that was frozen for longer and wakes up may bring back what left."""
_ID_KEPT = DAY
"""At least so long, so that whoever reads the changelog again knows it."""

Key = TypeVar("Key")


@dataclass
class Alarm(Generic[Key]):
    """Keys by the instant at which their time has come."""

    at: dict[Key, int] = field(default_factory=dict)
    _queue: list[tuple[int, Key]] = field(default_factory=list)

    def set(self, key: Key, instant: int) -> None:
        """Its time comes at the instant, whatever was set before."""
        if self.at.get(key) == instant:
            return
        self.at[key] = instant
        if instant < NEVER:
            heappush(self._queue, (instant, key))

    def due(self, until: int) -> Iterator[Key]:
        """Those whose time has come; each is told once."""
        while self._queue and self._queue[0][0] <= until:
            instant, key = heappop(self._queue)
            if self.at.get(key) == instant:
                del self.at[key]
                yield key


@dataclass
class Leaving(Generic[Key]):
    """Of one partition: who leaves when, and ids of those that left."""

    began: int | None = None
    """The first tick.  What opened before is history that somebody may bring in at any time."""
    cases: Alarm[Key] = field(default_factory=Alarm)
    left: Alarm[Key] = field(default_factory=Alarm)
    """Those that left, with the instant until which their id is kept."""
    heard: dict[Key, int] = field(default_factory=dict)
    """The tick that took in the newest event."""

    def plan(
        self, key: Key, kind: Subject, opened: bool, over: int | None, adds_until: int
    ) -> None:
        """A case is as it is now: `over` (None: open); all that it adds is before `adds_until`.

        What never `opened` leaves when its opening would be too late.
        """
        heard = self.heard.get(key, 0)
        if not opened:
            self.cases.set(key, heard + kind.admitted)
        elif over is None:
            self.cases.set(key, NEVER)
        else:
            self.cases.set(key, max(over + kind.lateness, heard + kind.lateness, adds_until))

    def too_late(self, key: Key, kind: Subject, event: Event, last_tick: int) -> bool:
        """Whether an event came after its case was settled, or opens one that is too old."""
        if key in self.left.at or self.cases.at.get(key, NEVER) <= last_tick:
            return True
        old = event.occurred_at + kind.admitted <= last_tick
        return old and event.type in kind.opens and event.occurred_at >= (self.began or 0)

    def leave(self, key: Key, kind: Subject, events: Iterable[Event], tick: int) -> int:
        """A case leaves at `tick`: until when its id is kept."""
        opened = [event.occurred_at for event in events if event.type in kind.opens]
        self.heard.pop(key, None)
        until = max([tick + _ID_KEPT, *(at + kind.admitted for at in opened)])
        if min(opened, default=NEVER) < (self.began or 0):
            until = NEVER
        self.left.set(key, until)
        return until
