"""The join stage of one claims partition, behind a barrier over all fold partitions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog

from core import moment, topics
from core.barrier import Barrier
from core.join import Join
from streams import cells
from streams.cells import Part
from streams.changelog import FRONTIER, Changelog, newest
from streams.metrics import WATERMARK
from streams.outlet import Item, Outlet
from streams.steps import Steps
from streams.task import Positions, Report
from streams.transport import Batch

_log = structlog.get_logger()
_AHEAD = 32
"""Ticks that may wait to be written while the next is calculated."""


def folds(partitions: int) -> frozenset[str]:
    """The fold tasks of this many partitions."""
    return frozenset(f"fold/{number}" for number in range(partitions))


@dataclass
class Held:
    """Messages of ticks that are not complete: reading begins at the oldest of them again."""

    ticks: dict[int, int] = field(default_factory=dict)

    def note(self, tick: int, offset: int) -> None:
        """A message of `tick` is at `offset`."""
        self.ticks.setdefault(tick, offset)

    def durable(self, passed: int, after: int) -> int:
        """The offset from which a new worker must read, once `passed` is closed."""
        self.ticks = {t: o for t, o in self.ticks.items() if t > passed}
        return min(self.ticks.values(), default=after)


@dataclass
class JoinTask:
    """State and progress of one claims partition."""

    partition: int
    partitions: int
    """Of the topics, and so the number of folds that are waited for."""
    outlet: Outlet
    changelog: Changelog
    report: Report = field(default_factory=Report)
    positions: Positions = field(init=False)
    join: Join = field(default_factory=Join)
    barrier: Barrier[Part] = field(init=False)
    _held: Held = field(default_factory=Held)

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self.positions = Positions(self.partition)
        self.barrier = Barrier(folds(self.partitions))
        self._writing = Steps(self._write, _AHEAD, self.report.failed, _joins)

    async def load(self) -> None:
        """Take the state back from the changelog."""
        kept = newest(await self.changelog.load())
        frontier = kept.pop((FRONTIER, ""), None)
        records = {name: (record.tick, record.value) for name, record in kept.items()}
        self.join.restore(records, frontier.tick if frontier else None)
        if frontier is not None:
            self.barrier.passed = frontier.tick
            self.positions.next = {topics.CLAIMS: frontier.value}
            self.report.durable(self.positions.next)
        _log.info("join_loaded", partition=self.partition, records=len(kept))

    async def finish(self) -> None:
        """Write what was calculated."""
        await self._writing.finish()

    def ahead(self) -> tuple[str, ...]:
        """Nothing: what waits for other tasks of its tick is small."""
        return ()

    async def close(self) -> None:
        """What is not written yet will be calculated again, by whoever comes next."""
        await self._writing.drop()

    async def take(self, batch: Batch) -> None:
        """Process one batch; offsets become durable when the ticks that it closes are written."""
        fresh = self.positions.advance(batch)
        for record in fresh.records if fresh else ():
            part = cells.read(record.value)
            self.barrier.offer(part.task, part.tick, part, last=part.last)
            self._held.note(part.tick, record.offset)
        for tick, parts in self.barrier.complete():
            await self._close(tick, parts)

    async def _close(self, tick: int, parts: list[Part]) -> None:
        for part in parts:
            for kind, name, value, *over in part.lines:
                self.join.state(kind, name, value, over=bool(over))
        joined = self.join.close(tick)
        lines = cells.lines(joined.cells, joined.settled, joined.moved)
        told = [(n.case.encode(), json.dumps(n.told(tick)).encode()) for n in self.join.news]
        offset = self._held.durable(tick, self.positions.next[topics.CLAIMS])
        await self._writing.add(_Closing(tick, lines, list(joined.state.items()), offset, told))

    async def _write(self, closings: list[_Closing]) -> None:
        told = [cells.Told(closing.tick, closing.lines, {}) for closing in closings]
        await cells.tell(self.outlet, (topics.PARTIALS, 0), f"join/{self.partition}", told)
        # Before the state: who comes back with the state of a tick does not see them move again.
        if verdicts := [item for closing in closings for item in closing.verdicts]:
            await self.outlet.send(topics.VERDICTS, verdicts)
        state = [record for closing in closings for record in closing.changed]
        last = closings[-1]
        await self.changelog.write(last.tick, state, last.offset)
        self.report.durable({topics.CLAIMS: last.offset})
        WATERMARK.labels("join", self.partition).set(last.tick / moment.SECOND)


class _Closing(NamedTuple):
    """A tick that is calculated and not written yet."""

    tick: int
    lines: list[Any]
    changed: list[tuple[tuple[str, str], Any]]
    offset: int
    verdicts: Sequence[Item]


def _joins(closing: _Closing) -> bool:
    """Whether it may be written with ticks before it: state must never be two ticks ahead.

    What a crash leaves of the state of a tick is there when the ticks before it are done again.
    """
    return not closing.changed
