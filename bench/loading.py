"""Writes the detections into Kafka before the clock starts, and reads what came of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2
from aiokafka.structs import OffsetAndMetadata

from bench.detections import CAMERAS, Minute, camera_id
from bench.place import Place
from connectors.registry import discover
from core import contract, moment, topics
from core.detections import TYPE
from wire.clock import event, ticker
from wire.config import Kafka
from wire.patience import patiently, weather
from wire.producer import producer
from wire.reader import end_offsets, partitions
from wire.registry import Registry, ensure_schemas
from wire.topics import ensure

DETECTED = topics.city(TYPE)
TICKS = topics.city(topics.TICK)
LAST_WORD = 2 * moment.MINUTE
"""After the last tick there is another one that much later: who waits for stragglers by event
time closes its last windows by it."""
_A_BATCH = 2_000
_LOOK_S = 0.05

Values = Mapping[int, Sequence[tuple[bytes, bytes]]]
"""Keys and values by partition."""
Message = tuple[bytes | None, bytes, list[tuple[str, bytes]]]


async def prepared(place: Place) -> dict[str, int]:
    """Topics and schemas of the backbone; the schema ids by event type."""
    await ensure(place.kafka, discover())
    async with Registry(place.registry_url) as registry:
        return await ensure_schemas(registry, patience_s=60)


async def load(kafka: Kafka, ids: Mapping[str, int], stream: Iterable[Minute], inline: str) -> None:
    """Events and ticks twice: as the backbone has them, and in one topic of their own (`inline`).

    The first: the city topic, and after each minute of events a tick of the clock.  The second
    is for those who do not align two topics: each partition has its ticks in their place.
    """
    async with producer(kafka, linger_ms=0) as sender, ticker(kafka, ids, "bench") as clock:
        for minute in stream:
            values = _by_partition(minute, ids[TYPE])
            await write(sender, DETECTED, values)
            await clock.tick(minute.end)
            await _write_inline(sender, ids, inline, values, minute.end)
        await _write_inline(sender, ids, inline, {}, minute.end + LAST_WORD)


async def load_inline(
    kafka: Kafka, ids: Mapping[str, int], stream: Iterable[Minute], topic: str
) -> None:
    """The second of `load` alone."""
    async with producer(kafka, linger_ms=0) as sender:
        for minute in stream:
            values = _by_partition(minute, ids[TYPE])
            await _write_inline(sender, ids, topic, values, minute.end)
        await _write_inline(sender, ids, topic, {}, minute.end + LAST_WORD)


async def _write_inline(
    sender: AIOKafkaProducer, ids: Mapping[str, int], topic: str, values: Values, at: int
) -> None:
    await write(sender, topic, values)
    tick = contract.frame(ids[topics.TICK], contract.encode(event(at, "bench")))
    await asyncio.gather(
        *(sender.send_and_wait(topic, tick, b"tick", n) for n in range(topics.PARTITIONS))
    )


async def delete(kafka: Kafka, names: Sequence[str]) -> None:
    """Delete topics and return when no broker names them any more."""
    if not names:
        return
    admin = AIOKafkaAdminClient(**kafka.client())
    await admin.start()
    try:
        await admin.delete_topics(list(names), timeout_ms=30_000)
    finally:
        await admin.close()
    gone = set(names)
    while gone & (await partitions(kafka)).keys():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(_LOOK_S)


def partition_of(key: bytes, partitions: int = topics.PARTITIONS) -> int:
    """Where Kafka's default partitioner puts a key."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def _by_partition(minute: Minute, schema_id: int) -> Values:
    keys = [camera_id(number).encode() for number in range(CAMERAS)]
    home = [partition_of(key) for key in keys]
    found: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    for camera, value in zip(minute.camera.tolist(), minute.framed(schema_id), strict=True):
        found[home[camera]].append((keys[camera], value))
    return found


async def write(sender: AIOKafkaProducer, topic: str, values: Values) -> None:
    """Write in full batches; returns when all are acknowledged."""
    await write_messages(
        sender, topic, {p: [(key, value, []) for key, value in v] for p, v in values.items()}
    )


async def write_messages(
    sender: AIOKafkaProducer, topic: str, messages: Mapping[int, Sequence[Message]]
) -> None:
    """The same with headers."""
    await asyncio.gather(
        *(_write_partition(sender, topic, partition, of) for partition, of in messages.items())
    )


async def _write_partition(
    sender: AIOKafkaProducer, topic: str, partition: int, messages: Sequence[Message]
) -> None:
    waiting: list[Any] = []
    batch = sender.create_batch()
    for message in messages:
        if batch.record_count() >= _A_BATCH or not _fits(batch, message):
            waiting.append(await sender.send_batch(batch, topic, partition=partition))
            batch = sender.create_batch()
            _fits(batch, message)
    waiting.append(await sender.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*waiting)


def _fits(batch: Any, message: Message) -> bool:
    key, value, headers = message
    return batch.append(key=key, value=value, timestamp=None, headers=headers) is not None


async def committed(
    kafka: Kafka, group: str, names: Sequence[str], check: Callable[[], None]
) -> None:
    """Return when the group has committed the present end of every partition of the topics.

    `check` raises when there is nothing to wait for.
    """
    wanted = {where: end for where, end in (await end_offsets(kafka, names)).items() if end}
    admin = AIOKafkaAdminClient(**kafka.client())

    async def told() -> Mapping[TopicPartition, OffsetAndMetadata]:
        check()
        try:
            offsets: Mapping[TopicPartition, OffsetAndMetadata]
            offsets = await admin.list_consumer_group_offsets(group)
            return offsets
        except KafkaError as error:  # a group of a worker that has just started has no coordinator
            raise weather(error, f"offsets of {group}") from error

    await admin.start()
    try:
        while True:
            found = await patiently(told)
            if all(where in found and found[where].offset >= end for where, end in wanted.items()):
                return
            await asyncio.sleep(_LOOK_S)
    finally:
        await admin.close()
