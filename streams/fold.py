"""The fold stage of one partition: city events in, partials, claims and minute cells out.

At a tick, in this order: outputs acknowledged, state acknowledged, frontier acknowledged, input
committed.  A crash between any two repeats absolute values and changes nothing.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog

from core import contract, detections, moment, reference, topics
from core.detections import Changed, Detections, MinuteCell, Seen
from core.engine import route
from core.events import Event
from core.fold import Closed, Entity, Fold
from core.outcome import Reason, Reject, Retry
from streams import cells
from streams.changelog import FRONTIER, Changelog, newest
from streams.metrics import HELD, RECORDS, REJECTS, WATERMARK
from streams.minutes import MINUTE, MinuteRecord, Names, minute_records, restored
from streams.outlet import Outlet
from streams.task import Positions
from streams.transport import Batch
from wire import deadletters
from wire.clock import cut_of
from wire.codec import Codec
from wire.patience import patiently

TICKS = topics.city(topics.TICK)
DETECTED = topics.city(detections.TYPE)
INPUTS = tuple(topics.city(name) for name in contract.types())
_log = structlog.get_logger()


class Tick(NamedTuple):
    """One tick of this partition: its moment, its cut by topic, its own offset."""

    at: int
    cut: dict[str, int]
    offset: int


@dataclass
class FoldTask:
    """State and progress of one partition."""

    partition: int
    codec: Codec
    outlet: Outlet
    changelog: Changelog
    positions: Positions = field(init=False)
    fold: Fold = field(default_factory=Fold)
    detections: Detections = field(default_factory=Detections)
    last_tick: int | None = None
    _minutes: Names = field(default_factory=Names)
    _ticks: deque[Tick] = field(default_factory=deque)
    _waiting: dict[str, deque[tuple[int, Event]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self.positions = Positions(self.partition)

    async def load(self) -> None:
        """Take the state back from the changelog."""
        kept = await self.changelog.load()
        frontier = newest(kept).get((FRONTIER, ""))
        if frontier is not None:
            self.last_tick = frontier.tick
            self.positions.next = dict(frontier.value)
        minutes: list[MinuteRecord] = []
        for record in kept:
            kind, name = record.name
            if kind == MINUTE:
                self._minutes.note(name)
                # A sum has no right to what lies beyond the frontier: it will be added again.
                if self.last_tick is not None and record.tick <= self.last_tick:
                    minutes.append(MinuteRecord.of(name, record.value))
            elif kind != FRONTIER:
                # A set may have it: adding it again changes nothing.
                events = [contract.from_line(json.dumps(line)) for line in record.value]
                self.fold.restore(Entity(kind, name), [e for e in events if isinstance(e, Event)])
        self.fold.restored(self.last_tick)
        self.detections.last_tick = self.last_tick
        self.detections.restore(*restored(minutes))
        _log.info("fold_loaded", partition=self.partition, records=len(kept), tick=self.last_tick)

    async def close(self) -> None:
        """Nothing is held open."""

    async def take(self, batch: Batch) -> dict[str, int] | None:
        """Process one batch; the offsets that became durable, if a tick was closed."""
        records = self.positions.advance(batch)
        if batch.topic == TICKS:
            await self._take_ticks(records)
        elif batch.topic == DETECTED:
            await self._take_detections(records)
        else:
            queue = self._waiting.setdefault(batch.topic, deque())
            for record in records:
                event = await self._decode(batch.topic, record)
                if event is not None:
                    queue.append((record.offset, event))  # type: ignore[attr-defined]
        durable: dict[str, int] | None = None
        while self._ticks and self._covered(self._ticks[0]):
            durable = await self._close(self._ticks.popleft())
        held = sum(map(len, self._waiting.values())) + self.detections.held
        HELD.labels(self.partition).set(held)
        return durable

    async def _take_ticks(self, records: list[Any]) -> None:
        newest_known = self._ticks[-1].at if self._ticks else self.last_tick
        for record in records:
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

    async def _take_detections(self, records: list[Any]) -> None:
        if not records:
            return
        prefix = contract.frame(self.codec.id_of(detections.TYPE), b"")
        bodies = [
            record.value[contract.FRAME_BYTES :]
            for record in records
            if record.value is not None and record.value.startswith(prefix)
        ]
        try:
            table = detections.columns(bodies, [r.offset for r in records])
        except ValueError:
            table = None
        if table is None or len(table) < len(records):
            # One bad or older row must not cost its batch: row by row, with its own offset.
            pairs = [(r.offset, await self._decode(DETECTED, r)) for r in records]
            good = [(offset, event) for offset, event in pairs if event is not None]
            self.detections.take(detections.rows_of(good))
            claims = [(o, e) for o, e in good if e.text("label") in reference.REACH]
        else:
            self.detections.take(table)
            claims = []
            for row in detections.claimed(table):
                event = await self._decode(DETECTED, records[row])
                if event is not None:
                    claims.append((records[row].offset, event))
        self._waiting.setdefault(DETECTED, deque()).extend(claims)

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

    async def _close(self, tick: Tick) -> dict[str, int]:
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
        await self._publish(tick, closed, minutes)
        durable = {**tick.cut, TICKS: tick.offset + 1}
        await self.changelog.write(tick.at, self._state(closed, changed, tick.at), durable)
        self.last_tick = tick.at
        self._count(closed, changed)
        WATERMARK.labels("fold", self.partition).set(tick.at / moment.SECOND)
        return durable

    async def _publish(self, tick: Tick, closed: Closed, minutes: dict[MinuteCell, Seen]) -> None:
        await self.outlet.send(
            topics.CELLS,
            [(json.dumps(c).encode(), _shown(c, s, tick.at)) for c, s in minutes.items()],
        )
        late = [(None, contract.to_line(event).encode()) for event in closed.late]
        await self.outlet.send(topics.LATE, late)
        task = f"fold/{self.partition}"
        for number in range(topics.PARTITIONS):
            lines = [
                [s.kind, s.id, s.value]
                for s in closed.statements
                if s.route is None or route(s.route, topics.PARTITIONS) == number
            ]
            await cells.tell(self.outlet, (topics.CLAIMS, number), task, tick.at, lines, {})
        inputs = {f"{TICKS}/{self.partition}": tick.offset}
        partials = cells.lines(closed.cells)
        await cells.tell(self.outlet, (topics.PARTIALS, 0), task, tick.at, partials, inputs)

    def _state(
        self, closed: Closed, changed: Changed, tick: int
    ) -> Iterator[tuple[tuple[str, str], Any]]:
        for entity, events in closed.changed.items():
            lines = [contract.to_json(event) for event in events]
            yield (entity.kind, entity.id), lines or None
        for record in minute_records(changed, tick):
            self._minutes.note(record.name)
            yield (MINUTE, record.name), record.value()
        for name in self._minutes.forget(changed.finished):
            yield (MINUTE, name), None

    def _count(self, closed: Closed, changed: Changed) -> None:
        for outcome, counts in (
            ("accepted", self.fold.accepted),
            ("duplicate", self.fold.duplicates),
            ("accepted", changed.accepted),
            ("duplicate", changed.duplicates),
        ):
            for source, count in counts.items():
                RECORDS.labels(source, outcome).inc(count)
        self.fold.accepted.clear()
        self.fold.duplicates.clear()
        late = Counter(e.source for e in closed.late if e.type not in contract.PLATFORM)
        for source, count in (late + Counter(changed.late)).items():
            RECORDS.labels(source, "rejected").inc(count)
            REJECTS.labels(source, "too_late").inc(count)


def _shown(cell: MinuteCell, seen: Seen, tick: int) -> bytes:
    shown = {
        "camera_id": cell.camera_id,
        "label": cell.label,
        "minute": moment.rfc3339(cell.minute * moment.MINUTE),
        "count": seen.total,
        "events": seen.events,
        "confidence": None if seen.confidence < 0 else seen.confidence,
        "as_of": moment.rfc3339(tick),
    }
    return json.dumps(shown, separators=(",", ":")).encode()
