"""The Faust app: four agents over batches, tasks by partition, our commit rule."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import faust
import structlog
from faust.types.tuples import TP

from connectors.registry import discover
from core import topics
from core.outcome import Halt
from streams.doors import Doors
from streams.fold import INPUTS
from streams.metrics import HOLES, LAG
from streams.runtime import Runtime
from streams.stage import Stage, Task
from streams.task import Report
from streams.transport import Batch, BatchSchema, BatchTransport
from wire.config import Kafka

_log = structlog.get_logger()
GROUP = "jcoc-worker"
_LAST_BATCH_S = 10.0


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

    async def crashed(agent: Any, error: BaseException) -> None:
        # Faust would start the agent again, without the batches that it had.
        _log.critical("crash", agent=str(agent), error=repr(error), exc_info=error)
        runtime_failed(app)

    app._on_agent_error = crashed  # noqa: SLF001 - what every agent is given
    stages: list[Stage] = []
    doors = Doors()
    _normalize(app, doors, runtime)
    _stage(app, doors, stages, "fold", INPUTS, runtime.fold_task)
    _stage(app, doors, stages, "join", [topics.CLAIMS], runtime.join_task)
    _stage(app, doors, stages, "publish", [topics.PARTIALS], runtime.publish_task)

    async def moved(*_args: Any, **_kwargs: Any) -> None:
        for stage in stages:
            await stage.forget()
        app.consumer.durable.clear()

    async def ending(*_args: Any, **_kwargs: Any) -> None:
        if not await doors.close(_LAST_BATCH_S):
            _log.warning("batch_unfinished", detail="it will be read again")
        try:
            async with asyncio.timeout(_LAST_BATCH_S):
                await asyncio.gather(*(stage.close() for stage in stages))
                await runtime.close()
        except TimeoutError:
            _log.warning("not_closed", detail="the broker does not answer")

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


def _normalize(app: Any, doors: Doors, runtime: Runtime) -> None:
    async def normalize(stream: Any) -> None:
        async for batch, generation in _events(stream):
            await _guarded(app, doors, partial(_normalized, app, runtime, batch, generation))

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
        await app.consumer.read_again(TP(batch.topic, batch.partition), expected)
        return
    await (await runtime.normalizer()).take(batch)
    runtime.raw_next[batch.topic, batch.partition, generation] = batch.next
    if generation == app.consumer_generation_id:
        app.consumer.durable[TP(batch.topic, batch.partition)] = batch.next
    _lag(app, batch)


def _stage(
    app: Any,
    doors: Doors,
    stages: list[Stage],
    name: str,
    names: Iterable[str],
    make: Callable[[int, Report], Awaitable[Task]],
) -> None:
    stage = Stage(app, make, partial(_broken, app, doors))
    stages.append(stage)

    async def take(batch: Batch, generation: int) -> None:
        await stage.take(batch, generation)
        _lag(app, batch)

    async def body(stream: Any) -> None:
        async for batch, generation in _events(stream):
            await _guarded(app, doors, partial(take, batch, generation))

    _batches(app, name, names, body)


async def _guarded(app: Any, doors: Doors, call: Callable[[], Awaitable[None]]) -> None:
    """Nothing may leave an agent's body: Faust would acknowledge the batch and go on.

    Whatever is not weather or a hole is our mistake: stop, uncommitted, and say so.
    """
    if doors.closed():
        return
    try:
        with doors.inside():
            await call()
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001 - stops the process, never goes on
        if doors.closed():
            _log.warning("batch_given_up", error=repr(error), detail="it will be read again")
            return
        _broken(app, doors, error)
        await asyncio.Event().wait()


def _broken(app: Any, doors: Doors, error: BaseException) -> None:
    """What no caller can mend: the worker ends, unless it is about to anyway."""
    if doors.closed():
        _log.warning("not_written", error=repr(error), detail="it will be read again")
        return
    _log.critical("halt" if isinstance(error, Halt) else "crash", error=repr(error), exc_info=error)
    runtime_failed(app)


def runtime_failed(app: Any) -> None:
    """Stop the worker with exit code 1; what it held is read again by the next one."""
    _log.critical("worker_stops", group=app.conf.id)
    # A graceful stop would let Faust commit; nothing may be committed after a mistake of ours.
    os._exit(1)


def _lag(app: Any, batch: Batch) -> None:
    left = app.consumer.left(batch)
    if left is not None:
        LAG.labels(batch.topic, batch.partition).set(left)
