"""State of a stage in Kafka: absolute records, a frontier written last, recovery by merging.

Key: [kind, id, writer].  The writer's id is part of the key because a frozen worker may wake up
and write: with its own key it can never hide a newer record from compaction.  Readers merge all
records of a (kind, id); tombstones only collect garbage, after the frontier that made it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from core import topics
from streams.outlet import Item, Sender
from wire.config import Kafka
from wire.patience import weather

FRONTIER = "frontier"
Name = tuple[str, str]
"""Kind and id."""


_NAMED = msgspec.json.Decoder(tuple[str, str, str])


class Kept(msgspec.Struct, frozen=True, gc=False):
    """One state record: what it is, as of which tick, and its value."""

    name: Name
    tick: int
    value: Any


@dataclass
class Changelog:
    """The changelog of one stage and partition."""

    kafka: Kafka
    outlet: Sender
    stage: str
    partition: int
    writer: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    _writers: dict[Name, frozenset[str]] = field(default_factory=dict)
    """Almost all names have one: these share it."""

    @property
    def topic(self) -> str:
        """Where the records are."""
        return topics.changelog(self.stage)

    async def load(self) -> list[Kept]:
        """Every record that is there now, from every writer, in the order of the log.

        Raises Retry when the broker is away.
        """
        try:
            return await self._load()
        except (KafkaError, OSError, TimeoutError) as error:
            raise weather(error, f"reading {self.topic}/{self.partition}") from error

    async def _load(self) -> list[Kept]:
        where = TopicPartition(self.topic, self.partition)
        consumer = AIOKafkaConsumer(
            **self.kafka.client(),
            enable_auto_commit=False,
            # Without an own position the client takes this one, and not "latest", from which a
            # seek to the beginning does not always save it: their requests race.
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
            isolation_level="read_committed",
        )
        records: list[tuple[bytes, bytes | None]] = []
        try:
            await consumer.start()
            consumer.assign([where])
            end = (await consumer.end_offsets([where]))[where]
            while await consumer.position(where) < end:
                fetched = await consumer.getmany(where, timeout_ms=200, max_records=5000)
                records += [(record.key, record.value) for record in fetched.get(where, ())]
        finally:
            await consumer.stop()
        return self.merged(records)

    def merged(self, records: Iterable[tuple[bytes, bytes | None]]) -> list[Kept]:
        """What (key, value) pairs say in the order of the log: the last of each writer."""
        found: dict[tuple[str, str, str], Kept] = {}
        for key, text in records:
            named = _NAMED.decode(key)
            if text is None:
                found.pop(named, None)
            else:
                found[named] = Kept(named[:2], *_unpacked(text))
        self._writers = {}
        alone: dict[str, frozenset[str]] = {}
        for (_, _, writer), kept in found.items():
            one = alone.setdefault(writer, frozenset({writer}))
            known = self._writers.get(kept.name)
            self._writers[kept.name] = one if known is None else known | one
        return list(found.values())

    async def write(self, tick: int, records: Iterable[tuple[Name, Any]], frontier: Any) -> None:
        """Write records, then the frontier; returns when all is acknowledged.

        A value is JSON, or bytes as they are.  None removes a record once the frontier is written.
        A crash in between, or a frozen worker that wakes up, may leave it or bring it back: it
        must do no harm then.
        """
        kept = list(records)
        values: list[Item] = [
            (self._key(name, self.writer), _packed(tick, value))
            for name, value in kept
            if value is not None
        ]
        await self.outlet.send(self.topic, values, self.partition)
        name = (FRONTIER, "")
        last = (self._key(name, self.writer), _packed(tick, frontier))
        await self.outlet.send(self.topic, [last], self.partition)
        garbage = list(self._garbage([*kept, (name, frontier)]))
        await self.outlet.send(self.topic, garbage, self.partition)

    def _garbage(self, kept: Iterable[tuple[Name, Any]]) -> Iterator[tuple[bytes, None]]:
        """Tombstones for removed names, and for other writers' records that ours replaces."""
        ours = frozenset({self.writer})
        for name, value in kept:
            writers = self._writers.get(name, frozenset())
            gone = writers - ours if value is not None else writers | ours
            for writer in gone:
                yield self._key(name, writer), None
            if value is None:
                self._writers.pop(name, None)
            else:
                self._writers[name] = ours

    def _key(self, name: Name, writer: str) -> bytes:
        return msgspec.json.encode([*name, writer])


def _packed(tick: int, value: Any) -> bytes:
    if isinstance(value, bytes):
        return b"\0" + tick.to_bytes(8, "big") + value
    return msgspec.json.encode([tick, value])


def _unpacked(text: bytes) -> tuple[int, Any]:
    if text.startswith(b"\0"):
        return int.from_bytes(text[1:9], "big"), text[9:]
    tick, value = msgspec.json.decode(text)
    return tick, value


def newest(records: Iterable[Kept]) -> dict[Name, Kept]:
    """For states whose records replace each other: the one with the largest tick."""
    best: dict[Name, Kept] = {}
    for kept in records:
        if kept.name not in best or kept.tick >= best[kept.name].tick:
            best[kept.name] = kept
    return best
