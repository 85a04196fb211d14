"""KPIs recomputed from a set of events, without a broker.

A file has no offsets and no order of arrival, so the law is a function of the set of events:

- Everything is known before the first tick.  So each window has one row, the last that the ticks
  make of it, with revision 0.
- The ticks are those of the set, each once.  Without any, time stands at each WIB midnight that
  ends a day with a heartbeat of the camera collector (camera minutes without one count nowhere),
  and last at the end of the WIB month of the last event, so that the calendar windows of the data
  are closed.  Of the cameras, each of these ticks looks at the day before it.
- `now` adds a tick and takes away the later ones.
- What occurred after the last tick has not happened yet: it is counted in `ahead`, in no KPI.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from msgspec.structs import replace

from audit.packed import Packed
from core import topics, window
from core.complaints import COMPLAINT
from core.engine import Engine
from core.events import Event
from core.fold import Entity, entity_of
from core.kpis import kinds
from core.kpis.cctv import COLLECTOR
from core.moment import DAY, wib_day_start
from core.rows import KpiRow

Progress = Callable[[int, int], None]
"""Is told (ticks done, ticks in all)."""
_BEAT = "cctv.heartbeat"


@dataclass
class Computation:
    """Events in with `add`, in any order and number; `rows` computes."""

    now: int | None = None
    ahead: int = field(default=0, init=False)
    """Events that occurred after the last tick and that a KPI reads; set by `rows`."""
    last_event: int | None = field(default=None, init=False)
    _ticks: set[int] = field(default_factory=set, init=False)
    _days: set[int] = field(default_factory=set, init=False)
    _events: list[Event] = field(default_factory=list, init=False)
    """But those of cases."""
    _complaints: Packed = field(default_factory=Packed, init=False)
    _cases: Packed = field(default_factory=Packed, init=False)
    """All others."""
    _packed: Mapping[str, Packed] = field(init=False)
    """Where those of each kind are."""

    def __post_init__(self) -> None:
        """Complaints are apart, for they are told first."""
        self._packed = dict.fromkeys(kinds(), self._cases) | {COMPLAINT.name: self._complaints}

    def add(self, event: Event) -> None:
        """One event of the set."""
        entity = entity_of(event)
        if entity is not None and (packed := self._packed.get(entity.kind)) is not None:
            packed.add(entity, event)
        elif event.type == topics.TICK:
            self._ticks.add(event.occurred_at)
            return
        elif entity is not None:
            self._events.append(event)
            if event.type == "source.heartbeat" and event.source == COLLECTOR:
                self._days.add(wib_day_start(event.occurred_at))
        if self.last_event is None or event.occurred_at > self.last_event:
            self.last_event = event.occurred_at

    @property
    def has_clock(self) -> bool:
        """Whether the set or `now` says what time it is."""
        return bool(self._ticks) or self.now is not None

    def clock(self) -> list[int]:
        """The ticks, in order; none for an empty set without `now`."""
        ticks = set(self._ticks)
        if not ticks and self.last_event is not None:
            ticks = {day + DAY for day in self._days}
            ticks |= {end for _, end in window.containing("month", self.last_event)}
        if self.now is not None:
            ticks = {tick for tick in ticks if tick <= self.now} | {self.now}
        return sorted(ticks)

    def rows(self, progress: Progress | None = None) -> list[KpiRow]:
        """The last row of each window, in no particular order.  Once: the events go on the way."""
        clock = self.clock()
        if not clock:
            return []
        happened = [event for event in self._events if event.occurred_at <= clock[-1]]
        later = {(e.type, e.event_id) for e in self._events if e.occurred_at > clock[-1]}
        beats = sorted((e for e in happened if e.type == _BEAT), key=_when)
        engine = Engine(partitions=1, complete=True)
        engine.apply(0, (event for event in happened if event.type != _BEAT))
        for bundle in chain(self._complaints.drain(), self._cases.drain()):
            if self.last_event is not None and self.last_event > clock[-1]:
                later |= _take_out(bundle, clock[-1])
            engine.condense(0, bundle)
        self.ahead = len(later)
        found: dict[tuple[str, str, str, str, int], KpiRow] = {}
        rows: list[KpiRow] = []
        done = 0
        for number, tick in enumerate(clock, 1):
            # A heartbeat says nothing of windows that were closed before it: held back until its
            # own tick it changes no number, and the fold need not look through all of them.
            reached = bisect_left(beats, tick, key=_when)
            engine.apply(0, beats[done:reached])
            done = reached
            if not self._ticks:
                # As if it were the first: else it would count the empty minutes of a whole month.
                engine.folds[0].last_tick = None
            told = engine.tick(tick, {}, last=number == len(clock))
            rows = [row for row in told if isinstance(row, KpiRow)]
            if number < len(clock):
                found |= {row.identity: row for row in rows}
            if progress is not None:
                progress(number, len(clock))
        # Of a year there is one tick and half a million rows: these are not put into `found`, too.
        for row in rows if found else ():
            found.pop(row.identity, None)
        rows += found.values()
        return [replace(row, revision=0) if row.revision else row for row in rows]


def compute(
    events: Iterable[Event], now: int | None = None, progress: Progress | None = None
) -> list[KpiRow]:
    """The last row of each window that a set of events makes; duplicates and order change nothing.

    The law is at the head of this module.
    """
    computation = Computation(now)
    for event in events:
        computation.add(event)
    return computation.rows(progress)


def _take_out(bundle: dict[Entity, list[Event]], last: int) -> set[tuple[str, str]]:
    """Leave in whole cases only what occurred up to an instant; types and ids of the rest."""
    found = {
        (event.type, event.event_id)
        for events in bundle.values()
        for event in events
        if event.occurred_at > last
    }
    for entity, events in list(bundle.items()):
        bundle[entity] = [event for event in events if event.occurred_at <= last]
        if not bundle[entity]:
            del bundle[entity]
    return found


def _when(event: Event) -> int:
    return event.occurred_at
