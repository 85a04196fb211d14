"""Waits until everything that was sent has come through a stage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from core import topics
from core.rows import KpiRow
from jcoc.demo.parts import Parts
from jcoc.exits import Away
from wire.reader import partitions, read

GROUP = "jcoc-worker"
_PATIENCE_S = 120.0


class Drain:
    """Looks at offsets from outside; holds one consumer of the worker's group, never joined."""

    def __init__(self, parts: Parts, connectors: Iterable[str]) -> None:
        """`connectors` are those that send."""
        self._parts = parts
        self._topics = [topics.raw(name) for name in connectors]
        self._partitions: list[TopicPartition] = []
        self._consumer = AIOKafkaConsumer(
            **parts.kafka.client(), group_id=GROUP, enable_auto_commit=False
        )

    async def __aenter__(self) -> Self:
        """Connect.  The topics must exist."""
        known = await partitions(self._parts.kafka)
        self._partitions = [
            TopicPartition(name, number) for name in self._topics for number in known[name]
        ]
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def raw(self, least: int) -> None:
        """Until the raw topics hold `least` records: the edge has brought them to Kafka."""

        async def there() -> bool:
            ends = await self._consumer.end_offsets(self._partitions)
            return bool(sum(ends.values()) >= least)

        await self._until(there, f"{least} raw records")

    async def normalized(self) -> None:
        """Until the worker has committed every raw record: its events are in Kafka."""

        async def there() -> bool:
            ends = await self._consumer.end_offsets(self._partitions)
            for where, stop in ends.items():
                if stop and (await self._consumer.committed(where) or 0) < stop:
                    return False
            return True

        await self._until(there, "the normalize stage")

    async def published(self, tick: int) -> list[KpiRow]:
        """Until the publication has passed `tick`; every row so far."""
        rows: list[KpiRow] = []
        begin = 0

        async def there() -> bool:
            nonlocal begin
            where = {(topics.PUBLISHED, 0): begin}
            async for record in read(self._parts.kafka, [topics.PUBLISHED], begin=where):
                rows.append(KpiRow.from_record(record.value))
                begin = record.offset + 1
            return bool(rows) and rows[-1].as_of >= tick

        await self._until(there, "the last tick")
        return rows

    async def _until(self, there: Callable[[], Awaitable[bool]], what: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not await there():
            self._parts.check()
            if time.monotonic() > end:
                raise Away(f"{what} did not come within {_PATIENCE_S:.0f} s; see the logs")
            await asyncio.sleep(0.05)
