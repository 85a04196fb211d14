"""A simulated day as it lies in the city topics, record by record: the same in every run.

Late, shuffled, repeated and broken records are part of it, and every tick names its cut, so that
two brokers that are fed with it hold the same logs, offset by offset.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from core import contract, moment, tables, topics
from core.events import Event
from sim.day import Day
from sim.story import Scale
from wire import clock
from wire.config import Kafka

CODECS = (None, "gzip", "snappy", "lz4", "zstd")
TICK_EVERY = moment.HOUR
REPEATED = 0.01
HELD_BACK = 0.01
UNKNOWN_SCHEMA = 999_999_999
DETECTED = topics.city("cctv.detected")

Where = tuple[str, int]
Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
Cell = tuple[str, str, int]
"""Camera, label, minute (its number since 1970)."""


@dataclass
class Segment:
    """What arrives up to one tick, and the tick itself."""

    at: int
    events: list[Event] = field(default_factory=list)
    records: dict[Where, list[Record]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class CityLog:
    """The day of `seed`; `schema_ids` as the registry gave them."""

    schema_ids: Mapping[str, int]
    scale: Scale
    seed: int = 1
    keep: Callable[[Event], bool] = lambda _event: True
    broken: set[str] = field(default_factory=set)
    """Origins (`topic/partition/offset`) of the records that nobody can read."""

    @cached_property
    def day(self) -> Day:
        """The story behind it."""
        return Day(seed=self.seed, scale=self.scale)

    @cached_property
    def segments(self) -> list[Segment]:
        """Everything, tick by tick."""
        chance = random.Random(self.seed)
        made = [Segment(at) for at in range(self.day.start, self.day.end + 1, TICK_EVERY)]
        number = 0
        for event in filter(self.keep, self.day.events()):
            while event.occurred_at >= made[number].at:
                number += 1
            self._place(chance, made, number, event)
        return self.written(made, chance)

    def written(self, made: list[Segment], chance: random.Random | None = None) -> list[Segment]:
        """The records of segments, in any order within each, with broken ones among them."""
        chance = chance or random.Random(self.seed)
        ends: dict[Where, int] = defaultdict(int)
        for segment in made:
            chance.shuffle(segment.events)
            self._write(chance, segment, ends)
        return made

    def _place(self, chance: random.Random, made: list[Segment], number: int, event: Event) -> None:
        """In its segment or late; some come twice."""
        late = number
        if event.type.startswith(("complaint.", "service.")) and chance.random() < HELD_BACK:
            late = min(number + chance.randint(1, 8), len(made) - 1)
        elif event.type == "cctv.detected" and made[number].at - event.occurred_at < moment.MINUTE:
            late = min(number + chance.randint(0, 1) * (TICK_EVERY < 9 * moment.MINUTE), late)
        made[late].events.append(event)
        if chance.random() < REPEATED:
            again = min(late + chance.randint(0, 8), len(made) - 1)
            made[again].events.append(event)

    def _write(self, chance: random.Random, segment: Segment, ends: dict[Where, int]) -> None:
        for event in segment.events:
            where = (topics.city(event.type), partition(contract.key(event)))
            if chance.random() < 1 / 2_000:
                self._break(chance, segment, where, ends)
            value = contract.frame(self.schema_ids[event.type], contract.encode(event))
            of_all = tables.of_event(event) is not None
            for number in range(topics.PARTITIONS) if of_all else (where[1],):
                _add(segment, (where[0], number), ends, (contract.key(event), value, []))
        self._tick(segment, segment.at, ends)
        if chance.random() < 0.1:
            self._tick_without_cut(segment, ends)
        if chance.random() < 0.1:
            # A ticker that was killed says a moment again, with a later cut: the first one counts.
            self._tick(segment, segment.at, ends)

    def _break(
        self, chance: random.Random, segment: Segment, where: Where, ends: dict[Where, int]
    ) -> None:
        own = self.schema_ids[where[0].removeprefix("city.")]
        value = chance.choice(
            [
                b"\x00garbage",
                b"{}",
                b"",
                None,
                contract.frame(UNKNOWN_SCHEMA, b"whatever"),
                contract.frame(own, b"\xff\xff\xff"),
            ]
        )
        self.broken.add(f"{where[0]}/{where[1]}/{ends[where]}")
        _add(segment, where, ends, (b"nobody", value, []))

    def _tick(self, segment: Segment, at: int, ends: dict[Where, int]) -> None:
        tick = clock.event(at, "test")
        value = contract.frame(self.schema_ids[topics.TICK], contract.encode(tick))
        for number in range(topics.PARTITIONS):
            cut = {t: ends[t, number] for t in _city_topics() if t != clock.TOPIC}
            header = [(clock.CUT, json.dumps(cut, sort_keys=True).encode())]
            _add(segment, (clock.TOPIC, number), ends, (contract.key(tick), value, header))

    def _tick_without_cut(self, segment: Segment, ends: dict[Where, int]) -> None:
        where, tick = (clock.TOPIC, 0), clock.event(segment.at + 1, "somebody")
        self.broken.add(f"{clock.TOPIC}/0/{ends[where]}")
        value = contract.frame(self.schema_ids[topics.TICK], contract.encode(tick))
        _add(segment, where, ends, (contract.key(tick), value, []))

    def cells(self) -> dict[Cell, tuple[int, int, float]]:
        """By hand: sum of counts, distinct events and best confidence of each minute."""
        seen = {e.event_id: e for s in self.segments for e in s.events if e.type == "cctv.detected"}
        found: dict[Cell, tuple[int, int, float]] = {}
        for event in seen.values():
            cell = (
                event.text("camera_id"),
                event.text("label"),
                event.occurred_at // moment.MINUTE,
            )
            total, events, best = found.get(cell, (0, 0, 0.0))
            found[cell] = (
                total + (event.whole("count") or 0),
                events + 1,
                max(best, event.real("confidence") or 0.0),
            )
        return found

    def count(self, prefix: str) -> int:
        """Events whose type begins with `prefix`, repeated ones apart."""
        return sum(event.type.startswith(prefix) for event in self.day.events())


def _city_topics() -> list[str]:
    return [topics.city(name) for name in contract.types()]


def _add(segment: Segment, where: Where, ends: dict[Where, int], record: Record) -> None:
    segment.records[where].append(record)
    ends[where] += 1


def partition(key: bytes) -> int:
    """Where the producer puts a key."""
    numbers = list(range(topics.PARTITIONS))
    return int(DefaultPartitioner()(key, numbers, numbers))


async def feed(kafka: Kafka, segments: list[Segment]) -> None:
    """Write the segments, each with another codec."""
    producers = [
        AIOKafkaProducer(
            **kafka.client(), enable_idempotence=True, compression_type=codec, linger_ms=0
        )
        for codec in CODECS
    ]
    try:
        for producer in producers:
            await producer.start()
        for number, segment in enumerate(segments):
            await _feed(producers[number % len(producers)], segment)
    finally:
        for producer in producers:
            await producer.stop()


async def _feed(producer: AIOKafkaProducer, segment: Segment) -> None:
    sent = []
    for (topic, number), records in segment.records.items():
        for batch in _batches(producer, records):
            sent.append(await producer.send_batch(batch, topic, partition=number))
    await asyncio.gather(*sent)


def _batches(producer: AIOKafkaProducer, records: list[Record]) -> Iterator[object]:
    batch = producer.create_batch()
    for key, value, headers in records:
        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
            yield batch
            batch = producer.create_batch()
            batch.append(timestamp=None, key=key, value=value, headers=headers)
    yield batch
