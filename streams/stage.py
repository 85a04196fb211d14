"""A stage of the worker: one task for each partition that it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any, Protocol

import structlog
from faust.types.tuples import TP

from core.outcome import Retry
from streams.metrics import HOLES
from streams.task import Hole, Report, Superseded
from streams.transport import Batch

_log = structlog.get_logger()
_HEARING_S = 3.0


class Task(Protocol):
    """A stage of one partition."""

    async def load(self) -> None:
        """Take the state back."""

    async def take(self, batch: Batch) -> None:
        """Process a batch.

        Raises Hole where to read on instead, Superseded when the task is of no use any more.
        """

    async def finish(self) -> None:
        """Return when everything that was taken is written."""

    def ahead(self) -> Collection[str]:
        """Topics of which nothing more is wanted for now: enough of them waits in memory."""

    async def close(self) -> None:
        """Nothing more will be taken."""


class Stage:
    """The tasks of one stage, made when their partition's first batch arrives.

    A rebalance forgets them all: whoever gets a partition next loads it from the changelog.
    """

    def __init__(
        self,
        app: Any,
        make: Callable[[int, Report], Awaitable[Task]],
        failed: Callable[[BaseException], None],
    ) -> None:
        """`make` builds and loads the task of a partition; `failed` hears what stopped one."""
        self._app = app
        self._make = make
        self._failed = failed
        self._tasks: dict[int, Task] = {}
        self._held: set[TP] = set()
        self._closing: set[asyncio.Future[None]] = set()
        self._closed = False

    async def close(self) -> None:
        """The worker ends: what is calculated is written first."""
        self._closed = True
        finishing = (task.finish() for task in self._tasks.values())
        # Who failed has said so to `failed`.
        await asyncio.gather(*finishing, return_exceptions=True)
        await self.forget()
        await asyncio.gather(*self._closing)

    async def forget(self) -> None:
        """Partitions moved."""
        gone, self._tasks = self._tasks, {}
        # Faust keeps a partition paused that comes back to us; its next task must read it.
        self._app.consumer.resume_partitions(self._held)
        self._held = set()
        for task in gone.values():
            self._retire(task)

    def _retire(self, task: Task) -> None:
        # Not waited for: a task may be in the middle of a batch, and the broker away.
        closing = asyncio.ensure_future(task.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def take(self, batch: Batch, generation: int) -> None:
        """Hand a batch to its task; what it makes durable may be committed."""
        while generation == self._app.consumer_generation_id and not self._closed:
            tasks = self._tasks
            try:
                if batch.partition not in tasks:
                    await self._open(tasks, batch.partition)
                    continue
                task = tasks[batch.partition]
                await task.take(batch)
                self._hold_back(tasks, batch.partition, task.ahead())
            except asyncio.CancelledError:
                # Half a batch is in it, and the rest would be taken for read.
                if gone := tasks.pop(batch.partition, None):
                    self._retire(gone)
                raise
            except Hole as hole:
                HOLES.labels(hole.topic).inc()
                _log.warning("fetch_hole", detail=str(hole))
                await self._app.consumer.read_again(TP(hole.topic, hole.partition), hole.expected)
                return
            except Superseded as why:
                _log.warning("superseded", partition=batch.partition, why=str(why))
                await self._give_up(tasks, batch.partition)
                continue
            return

    def _durable(self, tasks: dict[int, Task], partition: int, offsets: Mapping[str, int]) -> None:
        # After a rebalance the partition may be another worker's: its task commits, not this.
        if tasks is self._tasks:
            for topic, offset in offsets.items():
                self._app.consumer.durable[TP(topic, partition)] = offset

    def _hold_back(self, tasks: dict[int, Task], partition: int, ahead: Collection[str]) -> None:
        """Read no more of what the task has enough of, and again what it wants."""
        if tasks is not self._tasks:
            return
        wanted = {TP(topic, partition) for topic in ahead}
        held = {tp for tp in self._held if tp.partition == partition}
        if wanted != held:
            self._app.consumer.pause_partitions(wanted - held)
            self._app.consumer.resume_partitions(held - wanted)
            self._held = self._held - held | wanted

    async def _give_up(self, tasks: dict[int, Task], partition: int) -> None:
        await tasks.pop(partition).close()
        # Whoever has the partition now shall have it: time to hear that it is not us.
        await asyncio.sleep(_HEARING_S)

    async def _open(self, tasks: dict[int, Task], partition: int) -> None:
        report = Report(partial(self._durable, tasks, partition), self._failed)
        made = await self._patiently(lambda: self._make(partition, report))
        if tasks is self._tasks:
            tasks[partition] = made
        else:
            await made.close()

    async def _patiently(self, call: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            try:
                return await call()
            except Retry as weather:
                _log.warning("retry", why=str(weather))
                await asyncio.sleep(weather.after.total_seconds())
