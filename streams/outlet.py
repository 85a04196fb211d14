"""The way out: sends and returns when the broker has acknowledged every record."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from core.outcome import Halt
from streams.metrics import SEND_RETRIES
from wire.patience import weather

Item = tuple[bytes | None, bytes | None]
Message = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
Failure: TypeAlias = KafkaError | OSError | TimeoutError

_log = structlog.get_logger()
_LONGEST_PAUSE_S = 30.0


class Sender(Protocol):
    """What a stage sends with."""

    async def send(self, topic: str, items: Iterable[Item], partition: int | None = None) -> None:
        """Send (key, value) pairs; returns when all are acknowledged."""


class Outlet:
    """One producer for all stages of a worker.

    What is sent here is absolute and may be repeated, so a send that fails in bad weather is
    tried again for ever, with growing pauses: the input is not committed meanwhile.  Raises Halt
    for what no repetition will send, such as a record over the broker's limit.
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
            if waiting and error is not None:
                self._judge(error, topic)
                SEND_RETRIES.labels(topic).inc(len(waiting))
                _log.warning("send_retry", topic=topic, records=len(waiting), error=repr(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _judge(self, error: Failure, topic: str) -> None:
        judged = weather(error, f"sending to {topic}")
        if isinstance(judged, Halt):
            raise judged from error
        # A producer whose sender ended refuses everything for ever, whatever it says.
        sender = getattr(self._producer, "_sender", None)
        if sender is not None and sender.sender_task is not None and sender.sender_task.done():
            raise Halt(f"the producer gave up: {error!r}") from error

    async def _attempt(
        self, topic: str, messages: list[Message], partition: int | None
    ) -> tuple[list[Message], Failure | None]:
        """Send once; what was not acknowledged, in its order, and why."""
        sent: list[tuple[Any, list[Message]]] = []
        error: Failure | None = None
        left = deque(messages)
        try:
            while left:
                taken: list[Message] = []
                # Not yet out of `left`: what fails here was not sent.
                future = await self._sent(topic, left, taken, partition)
                for _ in taken:
                    left.popleft()
                sent.append((future, taken))
        except (KafkaError, OSError, TimeoutError) as failed:
            error = failed
        outcomes = await asyncio.gather(*(future for future, _ in sent), return_exceptions=True)
        again: list[Message] = []
        for (_, taken), outcome in zip(sent, outcomes, strict=True):
            if isinstance(outcome, KafkaError | OSError | TimeoutError):
                again += taken
                error = outcome
            elif isinstance(outcome, BaseException):
                raise outcome
        return [*again, *left], error

    async def _sent(
        self, topic: str, left: Iterable[Message], taken: list[Message], partition: int | None
    ) -> Any:
        """Send the first message, or the first that fit into a batch if the partition is known."""
        if partition is None:
            key, value, headers = next(iter(left))
            taken.append((key, value, headers))
            return await self._producer.send(topic, value, key, partition, headers=headers)
        batch = self._producer.create_batch()
        for key, value, headers in left:
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                break
            taken.append((key, value, headers))
        batch.close()
        return await self._producer.send_batch(batch, topic, partition=partition)
