"""The publish stage: merges the partials of all tasks of a tick and publishes rows.

Rows and state of a tick are one transaction (`streams.press`): after a crash the tick is
published as a whole, once, by whoever reads its partials next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog

from core import moment, topics
from core.barrier import Barrier
from core.cells import CellKey
from core.join import JOINS
from core.memory import Published
from core.outcome import Halt
from core.publication import Publication
from core.restatements import Restatement
from core.rows import KpiRow
from streams import cells
from streams.cells import Part
from streams.changelog import FRONTIER, Changelog, Kept, newest
from streams.join import Held, folds
from streams.metrics import WATERMARK
from streams.press import Press
from streams.task import Positions, Report
from streams.transport import Batch
from wire.config import Kafka
from wire.reader import end_offsets

_BEGAN = "began"
_log = structlog.get_logger()


@dataclass
class PublishTask:
    """State and progress of the one partials partition."""

    kafka: Kafka
    press: Press
    changelog: Changelog
    report: Report = field(default_factory=Report)
    positions: Positions = field(default_factory=lambda: Positions(0))
    publication: Publication = field(default_factory=Publication)
    barrier: Barrier[Part] = field(init=False)
    _held: Held = field(default_factory=Held)
    _began_is_kept: bool = False

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        joins = (f"join/{number}" for number in range(JOINS))
        self.barrier = Barrier(folds(self.kafka.partitions).union(joins))

    async def load(self) -> None:
        """Take the state back.

        Raises Halt when it is gone although rows were published: they would be published anew.
        """
        kept = newest(await self.changelog.load())
        frontier = kept.pop((FRONTIER, ""), None)
        if frontier is not None:
            self._restore(kept.values())
            self.barrier.passed = frontier.tick
            self.publication.last_tick = frontier.tick
            self.positions.next = {topics.PARTIALS: frontier.value}
            self.report.durable(self.positions.next)
        elif any((await end_offsets(self.kafka, [topics.PUBLISHED], patience_s=None)).values()):
            raise Halt(
                f"{topics.PUBLISHED} has rows, but {self.changelog.topic} does not know them: "
                "restore it, or move both topics away"
            )
        _log.info("publish_loaded", records=len(kept))

    async def finish(self) -> None:
        """Nothing waits: what was taken is published."""

    def ahead(self) -> tuple[str, ...]:
        """Nothing: what waits for other tasks of its tick is small."""
        return ()

    async def close(self) -> None:
        """Give the press up."""
        await self.press.close()

    def _restore(self, kept: Iterable[Kept]) -> None:
        for record in kept:
            kind, name = record.name
            if kind == "cell":
                key, part = msgspec.json.decode(name)
                self.publication.restore(CellKey(*key), part, record.value)
            elif kind == _BEGAN:
                self.publication.began = record.value
                self._began_is_kept = True
            elif kind == "row":
                identity = msgspec.json.decode(name)
                self.publication.recall(tuple(identity), Published(*record.value))

    async def take(self, batch: Batch) -> None:
        """Process one batch and publish the ticks that it completes."""
        fresh = self.positions.advance(batch)
        for record in fresh.records if fresh else ():
            part = cells.read(record.value)
            self.barrier.offer(part.task, part.tick, part, last=part.last)
            self._held.note(part.tick, record.offset)
        for tick, parts in self.barrier.complete():
            self.report.durable({topics.PARTIALS: await self._close(tick, parts)})

    async def _close(self, tick: int, parts: list[Part]) -> int:
        inputs: dict[str, int] = {}
        # A task that began again may have said the same twice: what left its cells counts once.
        by_task: dict[str, list[Any]] = {}
        for part in parts:
            by_task.setdefault(part.task, []).extend(part.lines)
            inputs |= part.inputs
        for task, lines in by_task.items():
            self.publication.merge(task, cells.cells(lines), cells.settled(lines))
            self.publication.note(cells.moved(lines))
        rows = self.publication.close(tick, inputs)
        published = [r for r in rows if isinstance(r, KpiRow)]
        restated = [(_key(r.row), r.to_record()) for r in rows if isinstance(r, Restatement)]
        offset = self._held.durable(tick, self.positions.next[topics.PARTIALS])
        async with self.press.printing():
            await self.press.send(
                topics.PUBLISHED, [(_key(row), row.to_record()) for row in published], 0
            )
            await self.press.send(topics.LATE, restated)
            state = [*_state(self.publication)]
            if not self._began_is_kept:
                state.append(((_BEGAN, ""), self.publication.began))
            await self.changelog.write(tick, state, offset)
        self._began_is_kept = True
        self.publication.changed_parts.clear()
        self.publication.changed_rows.clear()
        WATERMARK.labels("publish", 0).set(tick / moment.SECOND)
        _log.info("tick_published", tick=moment.rfc3339(tick), rows=len(published))
        return offset


def _state(publication: Publication) -> Iterator[tuple[tuple[str, str], Any]]:
    for key, part in publication.changed_parts:
        counters = publication.parts.get(key, {}).get(part)
        yield ("cell", _text([key, part])), counters
    for identity in publication.changed_rows:
        remembered = publication.published.get(identity)
        yield ("row", _text(identity)), None if remembered is None else list(remembered)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _key(row: KpiRow) -> bytes:
    return f"{row.kpi}|{row.window}|{row.scope_type}|{row.scope_id}".encode()
