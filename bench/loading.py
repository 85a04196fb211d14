"""Writes the detections into Kafka before the clock starts, and reads what came of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.partitioner import murmur2

from bench.detections import CAMERAS, Minute, camera_id
from bench.place import Place
from connectors.registry import discover
from core import contract, topics
from core.detections import TYPE
from wire.clock import event, ticker
from wire.config import Kafka
from wire.producer import producer
from wire.reader import end_offsets
from wire.registry import Registry, ensure_schemas
from wire.topics import ensure

DETECTED = topics.city(TYPE)
TICKS = topics.city(topics.TICK)
_A_BATCH = 2_000
_LOOK_S = 0.1

Values = Mapping[int, Sequence[tuple[bytes, bytes]]]
"""Keys and values by partition."""


async def prepared(place: Place) -> dict[str, int]:
    """Topics and schemas of the backbone; the schema ids by event type."""
    await ensure(place.kafka, discover())
    async with Registry(place.registry_url) as registry:
        return await ensure_schemas(registry, patience_s=60)


async def load(kafka: Kafka, ids: Mapping[str, int], stream: Iterable[Minute]) -> None:
    """Events to their city topic, and after each minute of them a tick of the clock."""
    async with producer(kafka) as sender, ticker(kafka, ids, "bench") as clock:
        for minute in stream:
            await _write(sender, DETECTED, _by_partition(minute, ids[TYPE]))
            await clock.tick(minute.end)


async def load_inline(
    kafka: Kafka, ids: Mapping[str, int], stream: Iterable[Minute], topic: str
) -> None:
    """The same events and ticks, in one topic: each partition has its ticks in their place."""
    async with producer(kafka) as sender:
        for minute in stream:
            await _write(sender, topic, _by_partition(minute, ids[TYPE]))
            tick = contract.encode(event(minute.end, "bench"))
            value = contract.frame(ids[topics.TICK], tick)
            for number in range(topics.PARTITIONS):
                await sender.send_and_wait(topic, value, b"tick", number)


def partition_of(key: bytes) -> int:
    """Where Kafka's default partitioner puts a key."""
    return int(murmur2(key) & 0x7FFFFFFF) % topics.PARTITIONS


def _by_partition(minute: Minute, schema_id: int) -> Values:
    keys = [camera_id(number).encode() for number in range(CAMERAS)]
    home = [partition_of(key) for key in keys]
    found: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
    for camera, value in zip(minute.camera, minute.framed(schema_id), strict=True):
        found[home[camera]].append((keys[camera], value))
    return found


async def _write(sender: AIOKafkaProducer, topic: str, values: Values) -> None:
    waiting: list[Any] = []
    for partition, pairs in values.items():
        batch = sender.create_batch()
        for key, value in pairs:
            if batch.record_count() >= _A_BATCH or not _fits(batch, key, value):
                waiting.append(await sender.send_batch(batch, topic, partition=partition))
                batch = sender.create_batch()
                _fits(batch, key, value)
        waiting.append(await sender.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*waiting)


def _fits(batch: Any, key: bytes, value: bytes) -> bool:
    return batch.append(key=key, value=value, timestamp=None) is not None


async def committed(
    kafka: Kafka, group: str, names: Sequence[str], check: Callable[[], None]
) -> None:
    """Return when the group has committed the present end of every partition of the topics.

    `check` raises when there is nothing to wait for.
    """
    wanted = {where: end for where, end in (await end_offsets(kafka, names)).items() if end}
    admin = AIOKafkaAdminClient(**kafka.client())
    await admin.start()
    try:
        while True:
            check()
            found = await admin.list_consumer_group_offsets(group)
            if all(where in found and found[where].offset >= end for where, end in wanted.items()):
                return
            await asyncio.sleep(_LOOK_S)
    finally:
        await admin.close()
