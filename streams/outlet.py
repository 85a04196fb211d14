"""The way out: sends and returns when the broker has acknowledged every record."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

import structlog
from aiokafka.errors import KafkaError

from core.outcome import Halt
from streams.metrics import SEND_RETRIES
from wire.bulk_writer import Writer
from wire.patience import weather
from wire.prebuilt import Prebuilt

Item = tuple[bytes | None, bytes | None]
Message = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
Parcels = Mapping[tuple[str, int], Sequence[Prebuilt]]
"""By topic and partition, what to send there in this order."""
Failure: TypeAlias = KafkaError | OSError | TimeoutError

_log = structlog.get_logger()
_LONGEST_PAUSE_S = 30.0


class Sender(Protocol):
    """What a stage sends with."""

    async def send(self, topic: str, items: Iterable[Item], partition: int | None = None) -> None:
        """Send (key, value) pairs; returns when all are acknowledged."""


Sent = TypeVar("Sent", Message, Prebuilt)


class Outlet:
    """One producer for all stages of a worker.

    What is sent here is absolute and may be repeated, so a send that fails in bad weather is
    tried again for ever, with growing pauses: the input is not committed meanwhile.  Raises Halt
    for what no repetition will send, such as a record over the broker's limit.

    Sends may overlap: what was given first goes first into each partition, unless the broker
    refused it and it had to be sent again.
    """

    def __init__(self, producer: Any) -> None:
        """`producer` is started and idempotent."""
        self._producer = producer
        self._writer = Writer()
        self._lines: dict[tuple[str, int | None], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def partitions(self, topic: str) -> Sequence[int]:
        """The partitions of a topic, ascending."""
        return sorted(await self._producer.partitions_for(topic))

    async def send(self, topic: str, items: Iterable[Item], partition: int | None = None) -> None:
        """Send (key, value) pairs; returns when all are acknowledged."""
        await self.send_messages(topic, ((k, v, []) for k, v in items), partition)

    async def send_messages(
        self, topic: str, messages: Iterable[Message], partition: int | None = None
    ) -> None:
        """Send (key, value, headers); returns when all are acknowledged.

        To a known partition they go in whole batches, else each by its key.
        """
        if partition is not None:
            await self.deliver({(topic, partition): self._writer.messages(messages)})
            return

        async def send(message: Message) -> Awaitable[Any]:
            key, value, headers = message
            return await self._producer.send(topic, value, key, None, headers=headers)  # type: ignore[no-any-return]  # aiokafka

        await self._through((topic, None), list(messages), send)

    async def deliver(self, parcels: Parcels) -> None:
        """Send everything; returns when all of it is acknowledged."""
        try:
            async with asyncio.TaskGroup() as group:
                for (topic, partition), batches in parcels.items():
                    send = partial(self._producer.send_batch, topic=topic, partition=partition)
                    group.create_task(self._through((topic, partition), list(batches), send))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _through(
        self,
        line: tuple[str, int | None],
        waiting: list[Sent],
        send: Callable[[Sent], Awaitable[Awaitable[Any]]],
    ) -> None:
        topic, pause = line[0], 0.2
        while waiting:
            waiting, error = await self._once(line, waiting, send)
            if waiting and error is not None:
                self._judge(error, topic)
                records = sum(map(_records, waiting))
                SEND_RETRIES.labels(topic).inc(records)
                _log.warning("send_retry", topic=topic, records=records, error=repr(error))
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

    async def _once(
        self,
        line: tuple[str, int | None],
        waiting: list[Sent],
        send: Callable[[Sent], Awaitable[Awaitable[Any]]],
    ) -> tuple[list[Sent], Failure | None]:
        """Send each once; what was not acknowledged, and why."""
        futures: list[Awaitable[Any]] = []
        error: Failure | None = None
        try:
            async with self._lines[line]:
                for one in waiting:
                    futures.append(await send(one))
        except (KafkaError, OSError, TimeoutError) as failed:
            error = failed
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        left: list[Sent] = []
        for one, outcome in zip(waiting, outcomes, strict=False):
            if isinstance(outcome, KafkaError | OSError | TimeoutError):
                left.append(one)
                error = outcome
            elif isinstance(outcome, BaseException):
                raise outcome
        return left + waiting[len(futures) :], error


def _records(sent: Message | Prebuilt) -> int:
    return sent.record_count() if isinstance(sent, Prebuilt) else 1
