"""Kafka on paper: logs in memory that break off where a test says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from core import topics
from streams.changelog import Changelog, Kept
from streams.outlet import Item, Message, Parcels
from streams.transport import Batch
from tests.streams.city_log import partition as partition_of
from wire.config import Kafka
from wire.record_batches import RecordBatch

Where = tuple[str, int]


class Crash(Exception):
    """The process ended here."""


@dataclass(frozen=True, slots=True)
class Written:
    """One record."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    timestamp: int = 0


@dataclass
class Paper:
    """Every topic; stands for the outlet, the press and the city's own logs.

    After `breaks_after` sends comes the crash, once.  Inside `printing` nothing is written before
    the end, as in a transaction.
    """

    breaks_after: int | None = None
    sends: int = 0
    logs: dict[Where, list[Written]] = field(default_factory=lambda: defaultdict(list))
    _set: list[tuple[Where, Message]] | None = None

    def add(self, where: Where, message: Message) -> None:
        log = self.logs[where]
        log.append(Written(len(log), *message))

    async def send(self, topic: str, items: Iterable[Item], partition: int | None = None) -> None:
        await self.send_messages(topic, [(key, value, []) for key, value in items], partition)

    async def send_messages(
        self, topic: str, messages: Iterable[Message], partition: int | None = None
    ) -> None:
        self._count()
        for message in messages:
            number = partition_of(message[0] or b"") if partition is None else partition
            if self._set is None:
                self.add((topic, number), message)
            else:
                self._set.append(((topic, number), message))

    async def partitions(self, _topic: str) -> Sequence[int]:
        return range(topics.PARTITIONS)

    async def deliver(self, parcels: Parcels) -> None:
        self._count()
        for where, batches in parcels.items():
            for batch in batches:
                for record in DefaultRecordBatch(bytes(batch._build())):
                    self.add(where, (record.key, record.value, record.headers))

    @asynccontextmanager
    async def printing(self) -> AsyncIterator[None]:
        self._set = []
        try:
            yield
            self._count()
            for where, message in self._set:
                self.add(where, message)
        finally:
            self._set = None

    async def close(self) -> None:
        pass

    def _count(self) -> None:
        if self.sends == self.breaks_after:
            self.breaks_after = None
            raise Crash
        self.sends += 1

    def batch(self, topic: str, number: int, first: int, size: int = 1_000_000) -> Batch | None:
        records = self.logs[topic, number][first : first + size]
        return fetched(topic, number, records) if records else None

    def of(self, topic: str) -> list[Written]:
        numbers = range(topics.PARTITIONS)
        return [written for number in numbers for written in self.logs[topic, number]]

    def compact(self, topic: str) -> None:
        """What the log cleaner may leave: the last record of each key, without tombstones."""
        for number in range(topics.PARTITIONS):
            last = {written.key: written for written in self.logs[topic, number]}
            self.logs[topic, number] = [w for w in last.values() if w.value is not None]


class PaperChangelog(Changelog):
    """A changelog that is kept on paper."""

    def __init__(self, paper: Paper, stage: str, partition: int = 0, writer: str = "") -> None:
        super().__init__(Kafka(""), paper, stage, partition)
        self.paper = paper
        self.writer = writer or self.writer

    async def load(self) -> list[Kept]:
        log = self.paper.logs[self.topic, self.partition]
        return self.merged((cast("bytes", written.key), written.value) for written in log)


def batch(topic: str, partition: int, first: int, *values: Any) -> Batch:
    """Records from offset `first` on."""
    records = [
        Written(first + index, b"k", value.encode() if isinstance(value, str) else value)
        for index, value in enumerate(values)
    ]
    return fetched(topic, partition, records)


def fetched(topic: str, partition: int, records: Sequence[Written]) -> Batch:
    """What a broker would send of these: record batches of up to forty, as it keeps them."""
    parts = [records[at : at + 40] for at in range(0, len(records), 40)]
    return Batch(topic, partition, [_kept(part) for part in parts], records[0].offset)


def _kept(records: Sequence[Written]) -> RecordBatch:
    first = records[0].offset
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 2**30)
    for record in records:
        builder.append(
            record.offset - first, record.timestamp, record.key, record.value, record.headers
        )
    return RecordBatch.of(first.to_bytes(8, "big") + bytes(builder.build())[8:])
