"""Reference tables in Kafka: read from every partition, written to every partition."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from aiokafka.errors import KafkaError

from core import contract, topics
from core.events import Event
from core.versions import Copy, Loading
from wire.codec import Codec
from wire.config import Kafka
from wire.patience import weather
from wire.producer import producer
from wire.reader import partitions, read

_SEND_S = 30


async def copies(kafka: Kafka, codec: Codec, names: Collection[str]) -> list[Copy]:
    """Every reference event of these tables; of a table without a topic there is none."""
    there = await partitions(kafka)
    wanted = [topic for name in names if (topic := topics.city(f"ref.{name}")) in there]
    if not wanted:
        return []
    found = []
    async for record in read(kafka, wanted):
        event = await codec.decode(record.topic, record.value)
        if isinstance(event, Event):
            found.append(Copy(record.partition, event))
    return found


async def write(kafka: Kafka, codec: Codec, loading: Loading) -> None:
    """Put the copies where they are lacking; raises Retry when the broker is away."""
    event = loading.event
    value, key = codec.encode(event), contract.key(event)
    async with producer(kafka, linger_ms=0, patience_s=10.0) as sender:
        try:
            async with asyncio.timeout(_SEND_S):
                for number in loading.lacking:
                    await sender.send_and_wait(topics.city(event.type), value, key, number)
        except (KafkaError, OSError, TimeoutError) as error:
            raise weather(error, f"loading {event.type} {event.text('version')}") from error
