"""What others keep of a fold: its changelog after a crash, and the sum of its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.cells import CellKey, Counters, add
from core.events import Event
from core.fold import Closed, Entity, Fold
from core.join import Joined


class Cells:
    """What a publication knows of one task: its cells, and what left them."""

    def __init__(self) -> None:
        self.now: dict[CellKey, Counters] = {}
        self.settled: dict[CellKey, Counters] = {}

    def take(self, closed: Closed | Joined) -> None:
        self.now.update(closed.cells)
        for key, counters in closed.settled.items():
            add(self.settled.setdefault(key, {}), counters)

    @property
    def total(self) -> dict[CellKey, Counters]:
        found = {key: dict(counters) for key, counters in self.now.items()}
        for key, counters in self.settled.items():
            add(found.setdefault(key, {}), counters)
        return {key: counters for key, counters in found.items() if counters}


class Changelog:
    """What survives a crash: per entity the newest record of each writer, read as one set."""

    def __init__(self) -> None:
        self.records: dict[tuple[Entity, int], tuple[int, tuple[Event, ...]]] = {}
        self.left: dict[Entity, tuple[int, int]] = {}
        self.began: int | None = None
        self.writer = 0

    def write(self, closed: Closed, survive: Callable[[Entity], bool] = lambda _: True) -> None:
        for entity, events in closed.changed.items():
            if events and survive(entity):
                self.records[entity, self.writer] = (closed.tick, events)
        for entity, until in closed.left.items():
            if until is not None and survive(entity):
                self.left[entity] = (closed.tick, until)
        self.began = closed.tick if self.began is None else self.began

    def clean(self, closed: Closed) -> None:
        """Only after the frontier: drop what the records of this writer replace."""
        for entity, events in closed.changed.items():
            for key in [k for k in self.records if k[0] == entity]:
                if key[1] != self.writer or not events:
                    del self.records[key]
        for entity, until in closed.left.items():
            if until is None:
                self.left.pop(entity, None)

    def load(self, tick: int | None) -> Fold:
        self.writer += 1
        fold = Fold()
        for (entity, _), (changed, events) in self.records.items():
            fold.restore(entity, events, changed)
        for entity, (left, until) in self.left.items():
            if tick is not None and left <= tick:
                fold.recall(entity, until)
        fold.restored(tick, self.began)
        return fold


def closing(fold: Fold, tick: int, events: Iterable[Event]) -> Closed:
    for one in events:
        fold.apply(one)
    return fold.close(tick)
