"""Canonical events straight into their city topics: reference data, simulators, repairs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer

from core import contract, topics
from core.events import Event
from wire.codec import Codec


async def post(sender: AIOKafkaProducer, codec: Codec, events: Iterable[Event]) -> int:
    """Send events that fit the contract, keyed by entity; how many, once all are acknowledged."""
    futures = [
        await sender.send(topics.city(event.type), codec.encode(event), contract.key(event))
        for event in events
    ]
    await asyncio.gather(*futures)
    return len(futures)
