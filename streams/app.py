"""The Faust app: four agents over batches, tasks by partition, our commit rule."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import faust
import structlog

from connectors.registry import discover
from core import topics
from core.outcome import Halt
from streams.doors import Doors
from streams.fold import INPUTS
from streams.metrics import LAG, REBALANCES
from streams.raw_stage import RawStage
from streams.runtime import Runtime
from streams.stage import Stage
from streams.transport import Batch, BatchSchema, BatchTransport
from wire.config import Kafka

_log = structlog.get_logger()
GROUP = "jcoc-worker"
_LAST_BATCH_S = 10.0
LEAVE_S = 40.0
"""A worker that was told to end has ended after this time, whatever its framework waits for."""
_FETCH_BYTES = 1024 * 1024
"""Of one partition at a time, compressed.  Half as much took 30 MiB less, and normalize a third
more CPU."""
_ALL_BYTES = 16 * _FETCH_BYTES
"""Of all partitions: with many of them each has less, or memory would grow with their number."""


def build(
    kafka: Kafka,
    runtime: Runtime,
    datadir: Path,
    *,
    group: str = GROUP,
    session_timeout_s: float = 20.0,
    instance: str = "",
    stages: Iterable[str] = topics.STAGES,
) -> Any:
    """The app, ready for `faust.Worker`; it runs only the named `stages`.

    `instance` is its lasting name in the group, if it has one.
    """
    app = faust.App(
        group,
        broker=[f"kafka://{address}" for address in kafka.bootstrap.split(",")],
        datadir=str(datadir),
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=kafka.partitions,
        table_standby_replicas=1,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=0.25,
        broker_session_timeout=session_timeout_s,
        broker_heartbeat_interval=session_timeout_s / 6,
        # Of batches: each may be a megabyte of compressed records.
        stream_buffer_maxsize=4,
        stream_wait_empty=False,
        consumer_max_fetch_size=min(_FETCH_BYTES, _ALL_BYTES // kafka.partitions),
        consumer_group_instance_id=instance or None,
        # Part of each assignment, and Faust asserts that its own names itself: what comes back
        # under the name of an instance, perhaps on another host, must be called the same.
        canonical_url=f"http://{instance}" if instance else None,
    )

    def fenced() -> None:
        _log.critical("fenced", instance=instance, detail="another worker has taken this name")
        runtime_failed(app)

    app.transport = BatchTransport(app.conf.broker_consumer, app, fenced)

    async def crashed(agent: Any, error: BaseException) -> None:
        # Faust would start the agent again, without the batches that it had.
        _log.critical("crash", agent=str(agent), error=repr(error), exc_info=error)
        runtime_failed(app)

    app._on_agent_error = crashed  # noqa: SLF001 - what every agent is given
    doors = Doors()
    broken = partial(_broken, app, doors)
    made: dict[str, tuple[Iterable[str], Any]] = {
        "normalize": (
            [topics.raw(name) for name in discover()],
            RawStage(app, runtime.normalizer, broken),
        ),
        "fold": (INPUTS, Stage(app, runtime.fold_task, broken)),
        "join": ([topics.CLAIMS], Stage(app, runtime.join_task, broken)),
        "publish": ([topics.PARTIALS], Stage(app, runtime.publish_task, broken)),
    }
    running = [made[name][1] for name in stages]
    for name in stages:
        _agent(app, doors, name, *made[name])

    async def moved(*_args: Any, **_kwargs: Any) -> None:
        for stage in running:
            await stage.forget()
        app.consumer.durable.clear()

    async def assigned(_app: Any, partitions: Collection[Any], **kwargs: Any) -> None:
        REBALANCES.inc()
        generation = app.consumer_generation_id
        _log.info("assigned", generation=generation, partitions=len(partitions))
        await moved(**kwargs)

    async def ending(*_args: Any, **_kwargs: Any) -> None:
        leave_within(LEAVE_S)
        if not await doors.close(_LAST_BATCH_S):
            _log.warning("batch_unfinished", detail="it will be read again")
        try:
            async with asyncio.timeout(_LAST_BATCH_S):
                await asyncio.gather(*(stage.close() for stage in running))
                await runtime.close()
        except TimeoutError:
            _log.warning("not_closed", detail="the broker does not answer")

    app.on_before_shutdown.connect(ending, weak=False)
    app.on_partitions_revoked.connect(moved, weak=False)
    app.on_partitions_assigned.connect(assigned, weak=False)
    return app


async def _events(stream: Any) -> AsyncIterator[tuple[Batch, int]]:
    async for event in stream.events():
        yield event.value, event.message.generation_id


def _agent(
    app: Any, doors: Doors, name: str, names: Iterable[str], stage: Stage | RawStage
) -> None:
    async def take(batch: Batch, generation: int) -> None:
        await stage.take(batch, generation)
        _lag(app, batch)

    async def body(stream: Any) -> None:
        async for batch, generation in _events(stream):
            await _guarded(app, doors, partial(take, batch, generation))

    app.agent(app.topic(*names, schema=BatchSchema()), name=name)(body)


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


def leave_within(seconds: float) -> threading.Timer:
    """End the process then with exit code 0, if it still is there.

    Faust gathers every task before it ends, without a limit, and one that came of a rebalance may
    wait for ever.  By then the last batch had its time: what is not committed is read again.
    """

    def leave() -> None:
        _log.warning("ended_anyway", after_s=seconds, detail="what is not committed is read again")
        os._exit(0)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
    return timer


def _lag(app: Any, batch: Batch) -> None:
    left = app.consumer.left(batch)
    if left is not None:
        LAG.labels(batch.topic, batch.partition).set(left)
