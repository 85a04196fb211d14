"""The Faust app: four agents over batches, tasks by partition, our commit rule."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import faust
import structlog
from faust.types.tuples import TP

from connectors.registry import discover
from core import topics
from core.outcome import Halt, Retry
from streams.fold import INPUTS
from streams.metrics import HOLES, LAG
from streams.runtime import Runtime
from streams.task import Hole, Superseded
from streams.transport import Batch, BatchSchema, BatchTransport
from wire.config import Kafka

_log = structlog.get_logger()
GROUP = "jcoc-worker"
_HEARING_S = 3.0


class Task(Protocol):
    """A stage of one partition."""

    async def load(self) -> None:
        """Take the state back."""

    async def take(self, batch: Batch) -> dict[str, int] | None:
        """Process a batch; topics whose offsets became durable.

        Raises Hole where to read on instead, Superseded when the task is of no use any more.
        """

    async def close(self) -> None:
        """Nothing more will be taken."""


class Stage:
    """The tasks of one stage, made when their partition's first batch arrives.

    A rebalance forgets them all: whoever gets a partition next loads it from the changelog.
    """

    def __init__(self, app: Any, make: Callable[[int], Awaitable[Task]]) -> None:
        """`make` builds and loads the task of a partition."""
        self._app = app
        self._make = make
        self._tasks: dict[int, Task] = {}
        self._closing: set[asyncio.Future[None]] = set()
        self._closed = False

    async def close(self) -> None:
        """The worker ends."""
        self._closed = True
        await self.forget()
        await asyncio.gather(*self._closing)

    async def forget(self) -> None:
        """Partitions moved."""
        gone, self._tasks = self._tasks, {}
        for task in gone.values():
            # Not waited for: a task may be in the middle of a batch, and the broker away.
            closing = asyncio.ensure_future(task.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def take(self, batch: Batch, generation: int) -> None:
        """Hand a batch to its task; what it made durable may be committed."""
        while generation == self._app.consumer_generation_id and not self._closed:
            tasks = self._tasks
            try:
                if batch.partition not in tasks:
                    await self._open(tasks, batch.partition)
                    continue
                durable = await tasks[batch.partition].take(batch)
            except Hole as hole:
                HOLES.labels(hole.topic).inc()
                _log.warning("fetch_hole", detail=str(hole))
                await self._app.consumer.seek(TP(hole.topic, hole.partition), hole.expected)
                return
            except Superseded as why:
                _log.warning("superseded", partition=batch.partition, why=str(why))
                await self._give_up(tasks, batch.partition)
                continue
            # After a rebalance the partition may be another worker's: its task commits, not this.
            if durable and tasks is self._tasks:
                for topic, offset in durable.items():
                    self._app.consumer.durable[TP(topic, batch.partition)] = offset
            return

    async def _give_up(self, tasks: dict[int, Task], partition: int) -> None:
        await tasks.pop(partition).close()
        # Whoever has the partition now shall have it: time to hear that it is not us.
        await asyncio.sleep(_HEARING_S)

    async def _open(self, tasks: dict[int, Task], partition: int) -> None:
        made = await self._patiently(lambda: self._make(partition))
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


def build(
    kafka: Kafka,
    runtime: Runtime,
    datadir: Path,
    *,
    group: str = GROUP,
    session_timeout_s: float = 20.0,
) -> Any:
    """The app, ready for `faust.Worker`."""
    app = faust.App(
        group,
        broker=[f"kafka://{address}" for address in kafka.bootstrap.split(",")],
        datadir=str(datadir),
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=topics.PARTITIONS,
        table_standby_replicas=1,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=20_000,
        broker_commit_interval=1.0,
        broker_session_timeout=session_timeout_s,
        broker_heartbeat_interval=session_timeout_s / 6,
        stream_buffer_maxsize=32,
        stream_wait_empty=False,
        consumer_max_fetch_size=4 * 1024 * 1024,
    )
    app.transport = BatchTransport(app.conf.broker_consumer, app)
    stages: list[Stage] = []
    _normalize(app, runtime)
    _stage(app, stages, "fold", INPUTS, runtime.fold_task)
    _stage(app, stages, "join", [topics.CLAIMS], runtime.join_task)
    _stage(app, stages, "publish", [topics.PARTIALS], runtime.publish_task)

    async def moved(*_args: Any, **_kwargs: Any) -> None:
        for stage in stages:
            await stage.forget()
        app.consumer.durable.clear()

    async def ending(*_args: Any, **_kwargs: Any) -> None:
        for stage in stages:
            await stage.close()

    app.on_before_shutdown.connect(ending, weak=False)
    app.on_partitions_revoked.connect(moved, weak=False)
    app.on_partitions_assigned.connect(moved, weak=False)
    return app


def _batches(app: Any, name: str, names: Iterable[str], body: Callable[[Any], Any]) -> None:
    channel = app.topic(*names, schema=BatchSchema())
    app.agent(channel, name=name)(body)


async def _events(stream: Any) -> AsyncIterator[tuple[Batch, int]]:
    async for event in stream.events():
        yield event.value, event.message.generation_id


def _normalize(app: Any, runtime: Runtime) -> None:
    async def normalize(stream: Any) -> None:
        async for batch, generation in _events(stream):
            await _guarded(app, partial(_normalized, app, runtime, batch, generation))

    names = [topics.raw(name) for name in discover()]
    _batches(app, "normalize", names, normalize)


async def _normalized(app: Any, runtime: Runtime, batch: Batch, generation: int) -> None:
    if generation != app.consumer_generation_id:
        return
    # Faust may drop what it fetched first, too: then reading begins after the committed offset.
    began = app.consumer.began.get(TP(batch.topic, batch.partition), 0)
    expected = runtime.raw_next.get((batch.topic, batch.partition, generation), began)
    if batch.first > expected:
        HOLES.labels(batch.topic).inc()
        # A real gap (retention) shows up again at the same place; then reading goes on.
        runtime.raw_next[batch.topic, batch.partition, generation] = batch.first
        await app.consumer.seek(TP(batch.topic, batch.partition), expected)
        return
    await (await runtime.normalizer()).take(batch)
    runtime.raw_next[batch.topic, batch.partition, generation] = batch.next
    if generation == app.consumer_generation_id:
        app.consumer.durable[TP(batch.topic, batch.partition)] = batch.next
    _lag(app, batch)


def _stage(
    app: Any,
    stages: list[Stage],
    name: str,
    names: Iterable[str],
    make: Callable[[int], Awaitable[Task]],
) -> None:
    stage = Stage(app, make)
    stages.append(stage)

    async def body(stream: Any) -> None:
        async for batch, generation in _events(stream):
            await _guarded(app, partial(stage.take, batch, generation))
            _lag(app, batch)

    _batches(app, name, names, body)


async def _guarded(app: Any, call: Callable[[], Awaitable[None]]) -> None:
    """Nothing may leave an agent's body: Faust would acknowledge the batch and go on.

    Whatever is not weather or a hole is our mistake: stop, uncommitted, and say so.
    """
    try:
        await call()
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001 - stops the process, never goes on
        reason = "halt" if isinstance(error, Halt) else "crash"
        _log.critical(reason, error=repr(error), exc_info=error)
        runtime_failed(app)
        await asyncio.Event().wait()


def runtime_failed(app: Any) -> None:
    """Stop the worker with exit code 1; what it held is read again by the next one."""
    _log.critical("worker_stops", group=app.conf.id)
    # A graceful stop would let Faust commit; nothing may be committed after a mistake of ours.
    os._exit(1)


def _lag(app: Any, batch: Batch) -> None:
    highwater = app.consumer.highwater(TP(batch.topic, batch.partition))
    if highwater is not None:
        LAG.labels(batch.topic, batch.partition).set(max(0, highwater - batch.next))
