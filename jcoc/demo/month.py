"""Runs simulated days through the engine in one process, with no broker and no connectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core import contract, tables
from core.engine import Engine, route
from core.events import Event
from core.rows import KpiRow
from jcoc.demo.verdict import Verdict, judge_all
from sim import Month

PARTITIONS = 3
"""More than one, so that what folds tell joins crosses partitions."""
Progress = Callable[[str, float], None]
"""(what is being done, share of the whole 0 to 1)."""
_PLAYED = 0.7


@dataclass(frozen=True)
class Outcome:
    """What the days gave."""

    verdict: Verdict
    events: int
    published: int
    engine_seconds: float
    truth_seconds: float


def run(month: Month, every: int, progress: Progress) -> Outcome:
    """Play the days with a tick `every` so many microseconds, and hold all rows against truth."""
    began = time.monotonic()
    progress("what happens", 0.0)
    segments = month.segments(every)
    rows = []
    for number, row in played(segments):
        rows.append(row)
        if len(rows) % 500 == 0:
            progress("through the engine", _PLAYED * number / len(segments))
    between = time.monotonic()
    progress("against the truth", _PLAYED)
    verdict = judge_all(rows, month, every)
    progress("against the truth", 1.0)
    events = sum(len(events) for _, events in segments)
    return Outcome(verdict, events, len(rows), between - began, time.monotonic() - between)


def played(segments: list[tuple[int, list[Event]]]) -> Iterator[tuple[int, KpiRow]]:
    """Every row that is published, with the number of its tick."""
    engine = Engine(PARTITIONS)
    for number, (tick, events) in enumerate(segments, 1):
        for event in events:
            if tables.of_event(event) is None:
                engine.apply(route(contract.key(event).decode(), PARTITIONS), (event,))
            else:
                for partition in range(PARTITIONS):
                    engine.apply(partition, (event,))
        for row in engine.tick(tick, {}):
            if isinstance(row, KpiRow):
                yield number, row
