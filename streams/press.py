"""The way out of the publication: whole ticks, by one worker at a time.

What is published cannot be taken back, so that a repetition does no harm is not enough here:
rows and the state that remembers them go out in one Kafka transaction.  Its id is a fence: once
a press is opened elsewhere, an older one, as of a frozen worker that wakes up, prints no more.
Readers see what is committed (`isolation.level=read_committed`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.outlet import Item
from streams.task import Superseded
from wire.config import Kafka
from wire.patience import weather
from wire.producer import LARGEST_BYTES

_log = structlog.get_logger()
_LONGEST_S = 90.0
"""Longer than the broker waits before it gives up a transaction (60 s)."""


class Press:
    """Sends within transactions; made by `opened`."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        """`producer` is started and transactional."""
        self._producer = producer
        self._printing = asyncio.Lock()

    @classmethod
    async def opened(cls, kafka: Kafka, name: str) -> Press:
        """The one press called `name`; all earlier ones are fenced off.

        Raises Retry when the broker is away.
        """
        producer = AIOKafkaProducer(
            **kafka.client(),
            transactional_id=name,
            acks="all",
            compression_type="lz4",
            linger_ms=2,
            max_batch_size=256 * 1024,
            max_request_size=LARGEST_BYTES,
        )
        try:
            async with asyncio.timeout(_LONGEST_S):
                await producer.start()
        except (KafkaError, OSError, TimeoutError) as error:
            await cls(producer).close()
            raise weather(error, f"opening the press {name}") from error
        return cls(producer)

    @asynccontextmanager
    async def printing(self) -> AsyncIterator[None]:
        """What is sent inside is read by all or by nobody.

        Raises Superseded when it is not: then the press is of no use any more.
        """
        try:
            async with (
                self._printing,
                asyncio.timeout(_LONGEST_S),
                self._producer.transaction(),
            ):
                yield
        except (KafkaError, OSError, TimeoutError) as error:
            raise Superseded(f"a transaction failed: {error!r}") from error

    async def send(self, topic: str, items: Iterable[Item], partition: int | None = None) -> None:
        """Send (key, value) pairs inside `printing`; returns when all are acknowledged."""
        futures: list[Any] = [
            await self._producer.send(topic, value, key, partition) for key, value in items
        ]
        await asyncio.gather(*futures)

    async def close(self) -> None:
        """Nothing more will be printed; a transaction that is open is finished first.

        A producer that is stopped under it would leave it waiting for what never comes.
        """
        async with self._printing:
            try:
                await self._producer.stop()
            except KafkaError as error:
                # It says once more why it cannot go on, and leaves its connections open.
                _log.info("press_closed", why=repr(error))
                await self._producer.client.close()
