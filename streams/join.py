"""The join stage of one claims partition, behind a barrier over all fold partitions."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from core import moment, topics
from core.barrier import Barrier
from core.join import Join
from streams import cells
from streams.cells import Part
from streams.changelog import FRONTIER, Changelog, newest
from streams.metrics import WATERMARK
from streams.outlet import Outlet
from streams.task import Positions
from streams.transport import Batch

_log = structlog.get_logger()
FOLDS = frozenset(f"fold/{number}" for number in range(topics.PARTITIONS))


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
    outlet: Outlet
    changelog: Changelog
    positions: Positions = field(init=False)
    join: Join = field(default_factory=Join)
    barrier: Barrier[Part] = field(default_factory=lambda: Barrier(FOLDS))
    _held: Held = field(default_factory=Held)

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self.positions = Positions(self.partition)

    async def load(self) -> None:
        """Take the state back from the changelog."""
        kept = newest(await self.changelog.load())
        frontier = kept.pop((FRONTIER, ""), None)
        for (kind, name), record in kept.items():
            self.join.state(kind, name, *record.value)
        self.join.close()
        if frontier is not None:
            self.barrier.passed = frontier.tick
            self.positions.next = {topics.CLAIMS: frontier.value}
        _log.info("join_loaded", partition=self.partition, records=len(kept))

    async def close(self) -> None:
        """Nothing is held open."""

    async def take(self, batch: Batch) -> dict[str, int] | None:
        """Process one batch; the offset that became durable, if a tick was closed."""
        for record in self.positions.advance(batch):
            part = cells.read(record.value)  # type: ignore[attr-defined]
            self.barrier.offer(part.task, part.tick, part, last=part.last)
            self._held.note(part.tick, record.offset)  # type: ignore[attr-defined]
        durable = None
        for tick, parts in self.barrier.complete():
            await self._close(tick, parts)
            offset = self._held.durable(tick, self.positions.next[topics.CLAIMS])
            durable = {topics.CLAIMS: offset}
        return durable

    async def _close(self, tick: int, parts: list[Part]) -> None:
        changed: dict[tuple[str, str], list[object]] = {}
        for part in parts:
            for kind, name, value in part.lines:
                self.join.state(kind, name, value)
        for part in parts:
            for kind, name, _value in part.lines:
                # A retraction is kept too: were it removed, an older record that a frozen worker
                # writes when it wakes up would bring the statement back.
                changed[kind, name] = [self.join.known.get((kind, name))]
        closed = self.join.close()
        task, lines = f"join/{self.partition}", cells.lines(closed)
        await cells.tell(self.outlet, (topics.PARTIALS, 0), task, tick, lines, {})
        offset = self._held.durable(tick, self.positions.next[topics.CLAIMS])
        await self.changelog.write(tick, changed.items(), offset)
        WATERMARK.labels("join", self.partition).set(tick / moment.SECOND)
