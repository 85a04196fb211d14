"""The way out: sends and returns when the broker has acknowledged every record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.metrics import SEND_RETRIES

Item = tuple[bytes | None, bytes | None]
Message = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]

_log = structlog.get_logger()
_LONGEST_PAUSE_S = 30.0


class Sender(Protocol):
    """What a stage sends with."""

    async def send(self, topic: str, items: Iterable[Item], partition: int | None = None) -> None:
        """Send (key, value) pairs; returns when all are acknowledged."""


class Outlet:
    """One producer for all stages of a worker.

    What is sent here is absolute and may be repeated, so a failed send is tried again for ever,
    with growing pauses: the input is not committed meanwhile.
    """

    def __init__(self, producer: AIOKafkaProducer) -> None:
        """`producer` is started and idempotent."""
        self._producer = producer

    async def send(self, topic: str, items: Iterable[Item], partition: int | None = None) -> None:
        """Send (key, value) pairs; returns when all are acknowledged."""
        await self.send_messages(topic, ((k, v, []) for k, v in items), partition)

    async def send_messages(
        self, topic: str, messages: Iterable[Message], partition: int | None = None
    ) -> None:
        """Send (key, value, headers); returns when all are acknowledged."""
        waiting = list(messages)
        pause = 0.2
        while waiting:
            waiting, error = await self._attempt(topic, waiting, partition)
            if waiting:
                SEND_RETRIES.labels(topic).inc(len(waiting))
                _log.warning("send_retry", topic=topic, records=len(waiting), error=repr(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _attempt(
        self, topic: str, messages: list[Message], partition: int | None
    ) -> tuple[list[Message], BaseException | None]:
        futures: list[Any] = []
        error: BaseException | None = None
        try:
            for key, value, headers in messages:
                futures.append(
                    await self._producer.send(topic, value, key, partition, headers=headers)
                )
        except (KafkaError, OSError, TimeoutError) as failed:
            error = failed
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        left = messages[len(futures) :]
        for message, outcome in zip(messages, outcomes, strict=False):
            if isinstance(outcome, KafkaError | OSError | TimeoutError):
                left.append(message)
                error = outcome
            elif isinstance(outcome, BaseException):
                raise outcome
        return left, error
