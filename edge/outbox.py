"""Records of one source on their way to the broker: bounded, repeated until acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core import topics
from core.outcome import Halt, Retry
from edge.meter import Meter
from edge.sink import Record, Sink

DEPTH, DEPTH_BYTES = 1_000, 32 * 1024 * 1024
"""What may be unacknowledged per source; then the source is held back."""
FIRST_S, LONGEST_S = 0.2, 30.0

Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Pace:
    """Exponential backoff with jitter: 0.2 s, 0.4 s and so on up to 30 s, each half to whole."""

    _tries: int = 0

    def pause(self, at_least: float = 0.0) -> float:
        """Seconds to wait before the next try."""
        longest = min(FIRST_S * 2.0 ** min(self._tries, 20), LONGEST_S)
        self._tries += 1
        # Jitter only spreads reconnects; no number depends on it.
        jitter: float = random.uniform(0.5, 1.0)
        return at_least + longest * jitter

    def reset(self) -> None:
        """It worked: start small again."""
        self._tries = 0


class Outbox:
    """What one source has yielded and the broker has not yet acknowledged."""

    def __init__(
        self,
        source: str,
        sink: Sink,
        meter: Meter,
        *,
        depth: int = DEPTH,
        depth_bytes: int = DEPTH_BYTES,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """At most `depth` records and about `depth_bytes` are out at once."""
        self._source = source
        self._sink = sink
        self._meter = meter
        self._depth = depth
        self._depth_bytes = depth_bytes
        self._sleep = sleep
        self._room = asyncio.Event()
        self._out: dict[asyncio.Task[None], int] = {}
        self._out_bytes = 0
        self._halt: Halt | None = None

    @property
    def unacknowledged(self) -> int:
        """Records that are out."""
        return len(self._out)

    async def put(self, record: Record) -> None:
        """Send in the background; waits while there is no room.  Raises Halt of an earlier one."""
        while self._full() and not self._halt:
            self._room.clear()
            await self._room.wait()
        if self._halt:
            raise self._halt
        task = asyncio.create_task(self._deliver(record))
        self._out[task] = len(record.value)
        self._out_bytes += len(record.value)
        task.add_done_callback(self._done)

    async def settled(self) -> None:
        """Return when all that was put before is acknowledged.  Raises Halt if it cannot be."""
        if self._out:
            await asyncio.wait(set(self._out))
        if self._halt:
            raise self._halt

    async def close(self, patience_s: float) -> int:
        """Wait up to `patience_s` and give up the rest; how many that were."""
        if self._out:
            await asyncio.wait(set(self._out), timeout=patience_s)
        left = list(self._out)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left)

    async def _deliver(self, record: Record) -> None:
        pace = Pace()
        while True:
            try:
                await self._sink.send(record)
            except Retry as weather:
                self._meter.retried(self._source, "broker")
                await self._sleep(pace.pause(weather.after.total_seconds()))
            except Halt as halt:
                self._halt = halt
                return
            else:
                if record.topic == topics.raw(self._source):
                    self._meter.sent(self._source, len(record.value))
                return

    def _full(self) -> bool:
        return len(self._out) >= self._depth or self._out_bytes >= self._depth_bytes

    def _done(self, task: asyncio.Task[None]) -> None:
        self._out_bytes -= self._out.pop(task)
        self._room.set()
