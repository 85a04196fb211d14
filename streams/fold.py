"""The fold stage of one partition: city events in, partials, claims and minute cells out.

At a tick, in this order: outputs acknowledged, state acknowledged, frontier acknowledged, input
committed.  A crash between any two repeats absolute values and changes nothing.  While one tick
is written the next ones are calculated, and written together if no case changed in them.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import structlog

from core import contract, detections, moment, topics
from core.engine import heard_by
from core.events import Event, shared
from core.fold import Closed, Entity, Fold, Statement, is_claim
from core.join import JOINS
from core.law import moved
from core.minute_cells import Changed, Detections, one_by_one
from core.outcome import Reason, Reject, Retry
from streams import cells
from streams.cells import Told
from streams.changelog import FRONTIER, Changelog, Name, newest
from streams.metrics import HELD, RECORDS, REJECTS, WATERMARK
from streams.minutes import MINUTE, MinuteRecord, Names, minute_records, restored
from streams.outlet import Item, Outlet
from streams.steps import Steps
from streams.task import Positions, Report
from streams.transport import Batch
from wire import deadletters, record_batches
from wire.clock import cut_of
from wire.codec import Codec
from wire.patience import patiently

TICKS = topics.city(topics.TICK)
DETECTED = topics.city(detections.TYPE)
BEGAN, LEFT = "began", "left"
"""Kinds of state records: the first tick; ids of cases that left, and until when they are kept."""
INPUTS = tuple(topics.city(name) for name in contract.types())
_EVENTS = msgspec.json.Decoder(list[Event])
_SCHEMA = contract.schema_text(detections.TYPE)
_MOST_HELD = 200_000
"""Rows of a topic and partition that wait in memory for a tick: about 20 MB."""
_EVENT_ROWS = 10
"""Rows that take as much memory as one event that is an object."""
_AHEAD = 32
"""Ticks that may wait to be written while the next is calculated."""
_log = structlog.get_logger()


class Shown(msgspec.Struct):
    """A minute cell as it is published, as JSON."""

    camera_id: str
    label: str
    minute: str
    count: int
    events: int
    confidence: float | None
    as_of: str


class Tick(NamedTuple):
    """One tick of this partition: its moment, its cut by topic, its own offset."""

    at: int
    cut: dict[str, int]
    offset: int


class Closing(NamedTuple):
    """A tick that is calculated and not written yet."""

    tick: Tick
    closed: Closed
    minutes: pa.Table
    state: list[tuple[Name, Any]]
    counts: Mapping[tuple[str, str], int]


def _joins(closing: Closing) -> bool:
    """Whether it may be written with ticks before it: cases must never be two ticks ahead.

    What a crash leaves of the cases of a tick is there when the ticks before it are done again.
    Minute cells beyond the frontier are not taken, so they may be any number of ticks ahead.
    """
    return not closing.closed.changed


@dataclass
class FoldTask:
    """State and progress of one partition."""

    partition: int
    codec: Codec
    outlet: Outlet
    changelog: Changelog
    report: Report = field(default_factory=Report)
    positions: Positions = field(init=False)
    fold: Fold = field(default_factory=Fold)
    detections: Detections = field(default_factory=Detections)
    last_tick: int | None = None
    _began_is_kept: bool = False
    _minutes: Names = field(default_factory=Names)
    _ticks: deque[Tick] = field(default_factory=deque)
    _waiting: dict[str, deque[tuple[int, Event]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self.positions = Positions(self.partition)
        self._writing = Steps(self._write, _AHEAD, self.report.failed, _joins)

    async def load(self) -> None:
        """Take the state back from the changelog."""
        kept = await self.changelog.load()
        frontier = newest(kept).get((FRONTIER, ""))
        if frontier is not None:
            self.last_tick = frontier.tick
            self.positions.next = dict(frontier.value)
            # Who wrote it may have ended before these offsets were committed.
            self.report.durable(frontier.value)
        minutes: list[MinuteRecord] = []
        began: list[int] = []
        for record in kept:
            kind, name = record.name
            if kind == MINUTE:
                self._minutes.note(name)
                # A sum has no right to what lies beyond the frontier: it will be added again.
                if self.last_tick is not None and record.tick <= self.last_tick:
                    minutes.append(MinuteRecord.of(name, record.value))
            elif kind == BEGAN:
                began.append(record.value)
            elif kind == LEFT:
                # Beyond the frontier its case has not left yet: it will, by the same rule.
                if self.last_tick is not None and record.tick <= self.last_tick:
                    self.fold.recall(Entity(*name.split("|", 1)), record.value)
            elif kind != FRONTIER:
                # A set may have it: adding it again changes nothing.
                events = map(shared, _EVENTS.decode(record.value))
                self.fold.restore(Entity(kind, name), events, record.tick)
        self.fold.restored(self.last_tick, min(began, default=None))
        self._began_is_kept = bool(began)
        self.detections.last_tick = self.last_tick
        self.detections.restore(*restored(minutes))
        _log.info("fold_loaded", partition=self.partition, records=len(kept), tick=self.last_tick)

    async def finish(self) -> None:
        """Write what was calculated."""
        await self._writing.finish()

    async def close(self) -> None:
        """What is not written yet will be calculated again, by whoever comes next."""
        await self._writing.drop()

    def ahead(self) -> Collection[str]:
        """Topics that have more waiting than `_MOST_HELD` and do not hold up the next tick.

        What the next tick's cut covers is always wanted, however much it is: without it nothing
        that waits would ever be folded.
        """
        waiting = {topic: _EVENT_ROWS * len(queue) for topic, queue in self._waiting.items()}
        waiting[DETECTED] = waiting.get(DETECTED, 0) + self.detections.held
        cut = self._ticks[0].cut if self._ticks else {}
        return [
            topic
            for topic, rows in waiting.items()
            if rows > _MOST_HELD and self.positions.next.get(topic, 0) >= cut.get(topic, 0)
        ]

    async def take(self, batch: Batch) -> None:
        """Process one batch; offsets become durable when the ticks that it closes are written."""
        fresh = self.positions.advance(batch)
        if fresh is None:
            return
        if fresh.topic == TICKS:
            await self._take_ticks(fresh)
        elif fresh.topic == DETECTED:
            await self._take_detections(fresh)
        else:
            queue = self._waiting.setdefault(fresh.topic, deque())
            for record in fresh.records:
                event = await self._decode(fresh.topic, record)
                if event is not None:
                    queue.append((record.offset, event))
        while self._ticks and self._covered(self._ticks[0]):
            await self._close(self._ticks.popleft())
        held = sum(map(len, self._waiting.values())) + self.detections.held
        HELD.labels(self.partition).set(held)

    async def _take_ticks(self, batch: Batch) -> None:
        newest_known = self._ticks[-1].at if self._ticks else self.last_tick
        for record in batch.records:
            event = await self._decode(TICKS, record)
            if event is None:
                continue
            try:
                cut = cut_of(dict(record.headers))
            except ValueError as error:
                reject = Reject(Reason.INVALID, str(error), record.value)
                await self._reject(reject, TICKS, record)
                continue
            # The first tick of a moment wins; a later copy is a repetition after a crash.
            if newest_known is None or event.occurred_at > newest_known:
                newest_known = event.occurred_at
                self._ticks.append(Tick(newest_known, cut, record.offset))

    async def _take_detections(self, batch: Batch) -> None:
        table = self._columns(batch)
        if table is not None:
            await self._hold(batch, table)
        elif len(batch.chunks) > 1:
            for chunk in batch.chunks:
                await self._take_detections(batch.only(chunk))
        else:
            # One bad or older row must not cost its batch: row by row, with its own offset.
            pairs = [(r.offset, await self._decode(DETECTED, r)) for r in batch.records]
            good = [(offset, event) for offset, event in pairs if event is not None]
            self.detections.take(detections.rows_of(good))
            self._claim((offset, event) for offset, event in good if is_claim(event))

    async def _hold(self, batch: Batch, table: pa.Table) -> None:
        self.detections.take(table)
        offsets = {table["offset"][row].as_py() for row in detections.claimed(table)}
        if offsets:
            records = [record for record in batch.records if record.offset in offsets]
            pairs = [(r.offset, await self._decode(DETECTED, r)) for r in records]
            self._claim((offset, event) for offset, event in pairs if event is not None)

    def _claim(self, claims: Iterable[tuple[int, Event]]) -> None:
        self._waiting.setdefault(DETECTED, deque()).extend(claims)

    def _columns(self, batch: Batch) -> pa.Table | None:
        """The rows of the batch; None when they cannot be read together."""
        found = record_batches.events(batch.chunks, _SCHEMA, self.codec.id_of(detections.TYPE))
        if found is None:
            return None
        try:
            table = detections.rows(found.columns, pa.array(found.offsets))
        except ValueError:
            return None
        return table.slice(int(np.searchsorted(found.offsets, batch.start)))

    async def _decode(self, topic: str, record: Any) -> Event | None:
        try:
            event = await self.codec.decode(topic, record.value)
        except Retry as away:
            # Asked again here and not by the caller: the batch counts as read already.
            _log.warning("retry", why=str(away), topic=topic, offset=record.offset)
            event = await patiently(lambda: self.codec.decode(topic, record.value))
        if isinstance(event, Event):
            return event
        await self._reject(event, topic, record)
        return None

    async def _reject(self, reject: Reject, topic: str, record: Any) -> None:
        """Only what somebody else wrote to a city topic can get here."""
        RECORDS.labels("city", "rejected").inc()
        REJECTS.labels("city", reject.reason.value).inc()
        letter = deadletters.record(
            reject, connector="city", topic=topic, partition=self.partition,
            offset=record.offset, at=record.timestamp * 1000,
        )  # fmt: skip
        await self.outlet.send_messages(topics.DEADLETTER, [letter])

    def _covered(self, tick: Tick) -> bool:
        return all(self.positions.next.get(t, 0) >= end for t, end in tick.cut.items())

    async def _close(self, tick: Tick) -> None:
        for topic, queue in self._waiting.items():
            end = tick.cut.get(topic, 0)
            while queue and queue[0][0] < end:
                event = queue.popleft()[1]
                if topic != DETECTED:
                    self.fold.apply(event)
                else:
                    self.fold.claim(event)
        closed = self.fold.close(tick.at)
        changed, minutes = self.detections.close(tick.at, tick.cut.get(DETECTED, 0))
        self.last_tick = tick.at
        state = list(self._state(closed, changed, tick.at))
        counts = self._counts(closed, changed)
        await self._writing.add(Closing(tick, closed, minutes, state, counts))

    async def _write(self, closings: list[Closing]) -> None:
        await self._publish(closings)
        tick = closings[-1].tick
        durable = {**tick.cut, TICKS: tick.offset + 1}
        state = [record for closing in closings for record in closing.state]
        await self.changelog.write(tick.at, state, durable)
        self.report.durable(durable)
        for closing in closings:
            for (source, outcome), count in closing.counts.items():
                if outcome in {"accepted", "duplicate"}:
                    RECORDS.labels(source, outcome).inc(count)
                else:
                    RECORDS.labels(source, "rejected").inc(count)
                    REJECTS.labels(source, outcome).inc(count)
        WATERMARK.labels("fold", self.partition).set(tick.at / moment.SECOND)

    async def _publish(self, closings: list[Closing]) -> None:
        task = f"fold/{self.partition}"
        partials = [
            Told(
                closing.tick.at,
                cells.lines(closing.closed.cells, closing.closed.settled, closing.closed.moved),
                {f"{TICKS}/{self.partition}": closing.tick.offset},
            )
            for closing in closings
        ]
        sends = [cells.tell(self.outlet, (topics.PARTIALS, 0), task, partials)]
        lines = [_by_join(closing.closed.statements) for closing in closings]
        for number in range(JOINS):
            claims = [
                Told(closing.tick.at, of[number], {})
                for closing, of in zip(closings, lines, strict=True)
            ]
            sends.append(cells.tell(self.outlet, (topics.CLAIMS, number), task, claims))
        minutes = [
            item
            for closing in closings
            if len(closing.minutes)
            for item in _shown(closing.minutes, closing.tick.at)
        ]
        if minutes:
            # By partition and not by key: a camera's cells stand where its detections stand.
            sends.append(self.outlet.send(topics.CELLS, minutes, self.partition))
        late = [
            (None, contract.to_line(event).encode())
            for closing in closings
            for event in closing.closed.late
        ]
        if late:
            sends.append(self.outlet.send(topics.LATE, late))
        recomputed = [
            (one.case.encode(), json.dumps(moved(one)).encode())
            for closing in closings
            for one in closing.closed.recomputed
        ]
        if recomputed:
            sends.append(self.outlet.send(topics.RECOMPUTED, recomputed))
        await asyncio.gather(*sends)

    def _state(
        self, closed: Closed, changed: Changed, tick: int
    ) -> Iterator[tuple[tuple[str, str], Any]]:
        for entity, events in closed.changed.items():
            yield (entity.kind, entity.id), msgspec.json.encode(events) if events else None
        for entity, until in closed.left.items():
            yield (LEFT, f"{entity.kind}|{entity.id}"), until
        if not self._began_is_kept:
            yield (BEGAN, ""), self.fold.began
            self._began_is_kept = True
        for record in minute_records(changed, tick):
            self._minutes.note(record.name)
            yield (MINUTE, record.name), record.value()
        for name in self._minutes.forget(changed.finished):
            yield (MINUTE, name), None

    def _counts(self, closed: Closed, changed: Changed) -> Mapping[tuple[str, str], int]:
        """Events of this tick by source and what became of them."""
        counts: Counter[tuple[str, str]] = Counter()
        late = Counter(e.source for e in closed.late if e.type not in contract.PLATFORM)
        for outcome, by_source in (
            ("accepted", self.fold.accepted),
            ("duplicate", self.fold.duplicates),
            ("accepted", changed.accepted),
            ("duplicate", changed.duplicates),
            (Reason.TOO_LATE.value, late),
            (Reason.TOO_LATE.value, changed.late),
            (Reason.LOW_CONFIDENCE.value, changed.doubtful),
        ):
            for source, count in by_source.items():
                counts[source, outcome] += count
        self.fold.accepted.clear()
        self.fold.duplicates.clear()
        return counts


def _by_join(statements: Iterable[Statement]) -> list[list[Any]]:
    """The lines for each join."""
    lines: list[list[Any]] = [[] for _ in range(JOINS)]
    for said in statements:
        line = _line(said)
        for number in heard_by(said):
            lines[number].append(line)
    return lines


def _line(said: Statement) -> list[Any]:
    """For the join; one item more says that it is over."""
    line = [said.kind, said.id, said.value]
    return [*line, True] if said.over else line


def _shown(minutes: pa.Table, tick: int) -> list[Item]:
    encode, as_of = msgspec.json.encode, moment.rfc3339(tick)
    named = {
        minute: moment.rfc3339(minute * moment.MINUTE)
        for minute in minutes["minute"].unique().to_pylist()
    }
    return [
        (
            encode(cell),
            encode(Shown(cell.camera_id, cell.label, named[cell.minute], *seen, as_of)),
        )
        for cell, seen in one_by_one(minutes)
    ]
