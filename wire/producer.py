"""The one way to write to Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from wire.config import Kafka
from wire.patience import patiently, weather

LARGEST_BYTES = 2 * 1024 * 1024
"""Twice Kafka's record limit: a dead letter is a rejected record plus its headers."""


@asynccontextmanager
async def producer(
    kafka: Kafka, *, linger_ms: int = 20, patience_s: float | None = None
) -> AsyncIterator[AIOKafkaProducer]:
    """A started producer whose sends are neither lost, doubled nor reordered per partition.

    Waits for the broker up to `patience_s` (for ever by default), then raises Retry.  A send to a
    broker that went away is repeated until it is acknowledged: bound it with `asyncio.timeout`
    where waiting for ever is wrong.
    """
    started = await patiently(lambda: _start(kafka, linger_ms), patience_s=patience_s)
    try:
        yield started
    finally:
        await started.stop()


async def _start(kafka: Kafka, linger_ms: int) -> AIOKafkaProducer:
    client = AIOKafkaProducer(
        **kafka.client(),
        enable_idempotence=True,
        acks="all",
        compression_type="lz4",
        linger_ms=linger_ms,
        max_batch_size=256 * 1024,
        max_request_size=LARGEST_BYTES,
    )
    try:
        await client.start()
    except (KafkaError, OSError, TimeoutError) as error:
        await client.stop()
        raise weather(error, f"connecting to Kafka at {kafka.bootstrap}") from error
    return client
