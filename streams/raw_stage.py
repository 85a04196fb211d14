"""The normalize stage of the worker: it keeps no state, so its partitions share one normalizer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from faust.types.tuples import TP

from streams.metrics import HOLES
from streams.steps import Steps
from streams.transport import Batch

_AHEAD = 2
"""Batches of a partition whose events may be on their way while the next is parsed."""


_Sent = tuple[Awaitable[None], int]
"""What is on its way, and the offset after it."""


class Starts(Protocol):
    """Parses batches, and sends what comes of them beside that."""

    async def start(self, batch: Batch) -> Awaitable[None]:
        """Process one batch; await the result until everything is acknowledged."""


class RawStage:
    """Where reading goes on in each partition of the raw topics, and what may be committed."""

    def __init__(
        self,
        app: Any,
        normalizer: Callable[[], Awaitable[Starts]],
        failed: Callable[[BaseException], None],
    ) -> None:
        """`normalizer` opens it on first use; `failed` hears of what could not be sent."""
        self._app = app
        self._normalizer = normalizer
        self._failed = failed
        self._next: dict[TP, int] = {}
        self._asked: dict[TP, int] = {}
        self._sending: dict[TP, Steps[_Sent]] = {}

    async def take(self, batch: Batch, generation: int) -> None:
        """Parse a batch; its offset may be committed once all that came of it is acknowledged."""
        if generation != self._app.consumer_generation_id:
            return
        tp = TP(batch.topic, batch.partition)
        # Faust may drop what it fetched first, too: then reading begins after what is committed.
        expected = self._next.get(tp, self._app.consumer.began.get(tp, 0))
        if batch.first > expected and self._asked.get(tp) != expected:
            HOLES.labels(batch.topic).inc()
            # A real gap (retention) shows up again at the same place; then reading goes on.
            self._asked[tp] = expected
            await self._app.consumer.read_again(tp, expected)
            return
        if batch.next <= expected:
            return
        sent = await (await self._normalizer()).start(batch.since(expected))
        if generation != self._app.consumer_generation_id:
            return
        self._next[tp] = batch.next
        if tp not in self._sending:
            self._sending[tp] = self._steps(tp)
        await self._sending[tp].add((sent, batch.next))

    def _steps(self, tp: TP) -> Steps[_Sent]:
        async def acknowledged(found: list[_Sent]) -> None:
            for sent, offset in found:
                await sent
                # After a rebalance the partition may be another worker's: it commits, not we.
                if self._sending.get(tp) is steps:
                    self._app.consumer.durable[tp] = offset

        steps: Steps[_Sent] = Steps(acknowledged, _AHEAD, self._failed)
        return steps

    async def forget(self) -> None:
        """Partitions moved."""
        self._next.clear()
        self._asked.clear()
        gone, self._sending = self._sending, {}
        await asyncio.gather(*(steps.drop() for steps in gone.values()))

    async def close(self) -> None:
        """The worker ends: what was parsed is sent first."""
        finishing = (steps.finish() for steps in self._sending.values())
        # Who failed has said so to `failed`.
        await asyncio.gather(*finishing, return_exceptions=True)
        await self.forget()
