"""The way out for record batches that are already made."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from streams.harvest import Parcels
from streams.metrics import SEND_RETRIES
from streams.outlet import Failure, Outlet
from wire.prebuilt import Prebuilt

_log = structlog.get_logger()
_LONGEST_PAUSE_S = 30.0


class BulkOutlet(Outlet):
    """An outlet that takes whole batches, too.

    Deliveries may overlap: what is delivered first goes first into each partition, unless the
    broker refused it and it had to be sent again.
    """

    def __init__(self, producer: Any) -> None:
        """`producer` is started and idempotent."""
        super().__init__(producer)
        self._lines: dict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def partitions(self, topic: str) -> Sequence[int]:
        """The partitions of a topic, ascending."""
        return sorted(await self._producer.partitions_for(topic))

    async def deliver(self, parcels: Parcels) -> None:
        """Send everything; returns when all of it is acknowledged.

        Raises Halt as `send` does.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for (topic, partition), batches in parcels.items():
                    group.create_task(self._through(topic, partition, list(batches)))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _through(self, topic: str, partition: int, batches: list[Prebuilt]) -> None:
        pause = 0.2
        while batches:
            batches, error = await self._once(topic, partition, batches)
            if batches and error is not None:
                self._judge(error, topic)
                records = sum(batch.record_count() for batch in batches)
                SEND_RETRIES.labels(topic).inc(records)
                _log.warning("send_retry", topic=topic, records=records, error=repr(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _once(
        self, topic: str, partition: int, batches: list[Prebuilt]
    ) -> tuple[list[Prebuilt], Failure | None]:
        """Send each once; what was not acknowledged, and why."""
        futures: list[Any] = []
        error: Failure | None = None
        try:
            async with self._lines[topic, partition]:
                for batch in batches:
                    futures.append(
                        await self._producer.send_batch(batch, topic, partition=partition)
                    )
        except (KafkaError, OSError, TimeoutError) as failed:
            error = failed
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        left: list[Prebuilt] = []
        for batch, outcome in zip(batches, outcomes, strict=False):
            if isinstance(outcome, KafkaError | OSError | TimeoutError):
                left.append(batch)
                error = outcome
            elif isinstance(outcome, BaseException):
                raise outcome
        return [*left, *batches[len(futures) :]], error
