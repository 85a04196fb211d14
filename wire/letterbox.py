"""Canonical events straight into their city topics: reference data, simulators, repairs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer

from core import contract, tables, topics
from core.events import Event
from wire.codec import Codec


async def post(sender: AIOKafkaProducer, codec: Codec, events: Iterable[Event]) -> int:
    """Send events that fit the contract, keyed by entity; how many records, once all are there.

    Of a reference table each partition gets its own copy.
    """
    futures = []
    for event in events:
        topic = topics.city(event.type)
        copies = await sender.partitions_for(topic) if tables.of_event(event) else (None,)
        for number in copies:
            futures.append(
                await sender.send(topic, codec.encode(event), contract.key(event), number)
            )
    await asyncio.gather(*futures)
    return len(futures)
