"""Bounded and endless reads without a consumer group: nothing is committed.

What a transaction gave up is never read.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from core.outcome import Halt, Retry
from wire.config import Kafka
from wire.patience import patiently, weather

Offsets = Mapping[tuple[str, int], int]
"""(topic, partition) to next offset; a TopicPartition is such a tuple."""


async def partitions(kafka: Kafka) -> dict[str, tuple[int, ...]]:
    """Partition numbers of every topic of the cluster.  Raises Retry when the broker is away."""
    admin = AIOKafkaAdminClient(**kafka.client())
    try:
        await admin.start()
        # Naming topics in a metadata request would create them on a lenient broker.
        described = await admin.describe_topics(None)
    except (KafkaError, OSError, TimeoutError) as error:
        raise weather(error, f"asking {kafka.bootstrap} for its topics") from error
    finally:
        await admin.close()
    return {
        topic["topic"]: tuple(sorted(entry["partition"] for entry in topic["partitions"]))
        for topic in described
    }


async def end_offsets(
    kafka: Kafka, topics: Iterable[str], *, patience_s: float | None = 10.0
) -> dict[tuple[str, int], int]:
    """Next offset of every partition of `topics`.  Raises Halt for a topic that does not exist."""
    async with assigned(kafka, topics, patience_s=patience_s) as consumer:
        return await ends(consumer)


async def read(
    kafka: Kafka,
    topics: Iterable[str],
    *,
    begin: Offsets | None = None,
    until: Offsets | None = None,
    patience_s: float | None = 10.0,
) -> AsyncGenerator[ConsumerRecord, None]:
    """Every record from `begin` (the first kept one) up to, not including, `until` (now's end).

    In order within a partition, interleaved between them.  Partitions that `begin` or `until`
    does not name get the default.  Raises Halt when `begin` names records that retention has
    removed: a hole must not pass for silence.
    """
    async with assigned(kafka, topics, patience_s=patience_s) as consumer:
        stops = {
            **await ends(consumer),
            **{TopicPartition(*k): v for k, v in (until or {}).items()},
        }
        await _seek(consumer, begin or {})
        silence = Silence(patience_s)
        while open_ := await _unfinished(consumer, stops):
            silence.heard(open_)
            for where, records in (await _fetch(consumer, open_)).items():
                for record in records:
                    if record.offset < stops[where]:
                        yield record


class Silence:
    """Tells an empty partition from a broker that went away in the middle of a read."""

    def __init__(self, patience_s: float | None) -> None:
        """Without `patience_s` silence may last for ever."""
        self._patience_s = patience_s
        self._positions: dict[TopicPartition, int] = {}
        self._since = time.monotonic()

    def heard(self, positions: dict[TopicPartition, int]) -> None:
        """Note where each partition stands.  Raises Retry when none has moved for too long."""
        if positions != self._positions:
            self._positions, self._since = positions, time.monotonic()
        elif self._patience_s is not None and time.monotonic() - self._since > self._patience_s:
            raise Retry(f"Kafka has sent nothing for {self._patience_s:.0f} s")


async def tail(
    kafka: Kafka,
    topics: Iterable[str],
    *,
    begin: Offsets | None = None,
    patience_s: float | None = None,
) -> AsyncGenerator[ConsumerRecord, None]:
    """Every record from `begin` (the first kept one) on, for ever; outlasts a broker restart."""
    async with assigned(kafka, topics, patience_s=patience_s) as consumer:
        await _seek(consumer, begin or {})
        while True:
            for records in (await _fetch(consumer, consumer.assignment())).values():
                for record in records:
                    yield record


@asynccontextmanager
async def assigned(
    kafka: Kafka, topics: Iterable[str], *, patience_s: float | None = 10.0
) -> AsyncIterator[AIOKafkaConsumer]:
    """A group-less consumer that is assigned every partition of `topics`."""
    names = sorted(set(topics))
    known = await patiently(lambda: partitions(kafka), patience_s=patience_s)
    if missing := [name for name in names if name not in known]:
        raise Halt(f"no topic {missing[0]} at {kafka.bootstrap}: create the topics with `jcoc up`")
    consumer = await patiently(lambda: _start(kafka), patience_s=patience_s)
    try:
        consumer.assign([TopicPartition(name, number) for name in names for number in known[name]])
        yield consumer
    finally:
        await consumer.stop()


async def ends(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    """Next offset of every assigned partition.  Raises Retry when the broker is away."""
    try:
        return dict(await consumer.end_offsets(list(consumer.assignment())))
    except (KafkaError, OSError, TimeoutError) as error:
        raise weather(error, "asking Kafka for end offsets") from error


async def _start(kafka: Kafka) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(
        **kafka.client(),
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    try:
        await consumer.start()
    except (KafkaError, OSError, TimeoutError) as error:
        await consumer.stop()
        raise weather(error, f"connecting to Kafka at {kafka.bootstrap}") from error
    return consumer


async def _seek(consumer: AIOKafkaConsumer, begin: Offsets) -> None:
    try:
        firsts = await consumer.beginning_offsets(list(consumer.assignment()))
    except (KafkaError, OSError, TimeoutError) as error:
        raise weather(error, "asking Kafka for first offsets") from error
    for where, first in firsts.items():
        start = begin.get(where, first)
        if start < first:
            raise Halt(
                f"{where.topic}/{where.partition}: offsets {start} to {first - 1} are no longer "
                f"kept; start from {first} or restore the archive"
            )
        consumer.seek(where, start)


async def _fetch(
    consumer: AIOKafkaConsumer, among: Iterable[TopicPartition]
) -> dict[TopicPartition, list[ConsumerRecord]]:
    try:
        return dict(await consumer.getmany(*among, timeout_ms=200, max_records=10_000))
    except (KafkaError, OSError, TimeoutError) as error:
        raise weather(error, "reading from Kafka") from error


async def _unfinished(
    consumer: AIOKafkaConsumer, stops: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    # The position, not the last record seen: the last offsets may hold compacted records or
    # transaction markers, which are never delivered.
    positions = {where: await consumer.position(where) for where in stops}
    return {where: position for where, position in positions.items() if position < stops[where]}
