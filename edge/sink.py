"""Where the edge writes: Kafka, or a list in a test, behind one method."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)

from core.outcome import Halt, Retry

_HOPELESS = (
    ClusterAuthorizationFailedError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)
_SOON = timedelta(seconds=1)
STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class Record:
    """One record to write."""

    topic: str
    value: bytes
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


class Sink(Protocol):
    """Takes records."""

    async def send(self, record: Record, /) -> None:
        """Return once the broker has acknowledged the record.

        Raises Retry when it may not have it (sending again is right), Halt when it never will.
        Cancelling gives up waiting; the record may arrive all the same.
        """


@dataclass(slots=True)
class Shelf:
    """A sink in memory; `weather`, while set, is raised instead of keeping the record."""

    records: list[Record] = field(default_factory=list)
    weather: Retry | Halt | None = None

    async def send(self, record: Record, /) -> None:
        """Keep the record."""
        await asyncio.sleep(0)
        if self.weather:
            raise self.weather
        self.records.append(record)


OpenProducer = Callable[[], AbstractAsyncContextManager[AIOKafkaProducer]]


@dataclass(slots=True)
class _Line:
    """One producer and what closes it; `cut` is set when it is given up."""

    producer: AIOKafkaProducer
    held: AsyncExitStack
    cut: asyncio.Future[None]
    closing: bool = False


class KafkaSink:
    """Writes with an idempotent producer that waits out a broker's absence by itself.

    A producer whose sequence the broker no longer accepts (it lost its log, say) is replaced.
    """

    def __init__(self, opened: OpenProducer) -> None:
        """`opened` gives a started producer each time, or raises Retry at once."""
        self._open = opened
        self._opening: asyncio.Task[_Line] | None = None

    async def send(self, record: Record, /) -> None:
        """Write; see Sink."""
        line = await self._line()
        try:
            acknowledged = await line.producer.send(
                record.topic, record.value, key=record.key, headers=list(record.headers)
            )
            await asyncio.wait({acknowledged, line.cut}, return_when=asyncio.FIRST_COMPLETED)
            if not acknowledged.done():
                raise Retry(f"{record.topic}: the producer was replaced", after=_SOON)
            acknowledged.result()
        except _HOPELESS as error:
            raise Halt(f"{record.topic}: {type(error).__name__} {error}") from error
        except KafkaError as error:
            if not getattr(error, "retriable", False):
                await self._give_up(line)
            raise Retry(f"{record.topic}: {type(error).__name__} {error}", after=_SOON) from error

    async def close(self) -> None:
        """Write what is buffered, for up to `STOP_S` seconds, and leave."""
        if self._opening is None:
            return
        if not self._opening.done():
            self._opening.cancel()
        await asyncio.wait({self._opening})
        if not self._opening.cancelled() and self._opening.exception() is None:
            await self._give_up(self._opening.result())

    async def _line(self) -> _Line:
        # One attempt for all who wait; it goes on when one of them loses patience.
        if self._opening is None:
            self._opening = asyncio.create_task(self._opened())
        opening = self._opening
        try:
            return await asyncio.shield(opening)
        except Retry:
            if self._opening is opening:
                self._opening = None
            raise

    async def _opened(self) -> _Line:
        held = AsyncExitStack()
        producer = await held.enter_async_context(self._open())
        return _Line(producer, held, asyncio.get_running_loop().create_future())

    async def _give_up(self, line: _Line) -> None:
        # Many records fail together; the first of them closes the producer they shared.
        if line.closing:
            return
        line.closing = True
        self._opening = None
        closing = asyncio.ensure_future(line.held.aclose())
        _, unfinished = await asyncio.wait({closing}, timeout=STOP_S)
        for task in unfinished:
            task.cancel()
        line.cut.set_result(None)
