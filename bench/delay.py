"""The delay job: from an MQTT message to its effect on `/metrics`, at a given rate.

The whole way as processes: amqtt, `jcoc connect frigate`, Kafka, `jcoc worker`, `jcoc exporter`.
Frigate `new` messages of about 1.2 kB are published with QoS 1 on a fixed schedule, whatever the
other side does; a delay counts from the scheduled time, so a slow publisher is not forgiven.
Both /metrics pages are read every 50 ms, and an effect counts when the page has arrived.

    received    the connector has the message (header `received_at` of its raw record)
    normalized  the worker's page counts it: jcoc_source_records_total{outcome="received"} has
                reached the message's place in the order of publishing
    counted     the worker's page shows that every partition has closed the first tick whose cut
                covers the message (jcoc_watermark_timestamp_seconds{stage="fold"})
    shown       the exporter's page shows KPI rows of that tick: its 5-minute window

`shown` is the delay of the whole way.  KPIs change at clock ticks; here the clock ticks every
second, 5 minutes of event time each, so that every tick closes a window and publishes rows.  On
average half a second of `counted` and `shown` is the wait for that tick; a city's clock ticks
once a minute.  The tick of a message is exact: its record is found in Kafka and held against the
cuts, which also shows whether any message was lost or doubled.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from statistics import quantiles
from typing import Any

import psutil

from bench.arrivals import Arrivals, arrivals
from bench.frigate import TOPIC, message
from bench.loading import prepared
from bench.pages import Pages
from bench.place import Place
from bench.publisher import Publisher
from bench.watched import Watched, cpu_s
from core import moment
from core.outcome import Halt
from wire.clock import Ticker, ticker

STAGES = ("received", "normalized", "counted", "shown")
WARM_S = 8
"""Seconds at full rate that are not measured."""
_TICK_S = 1.0
_STEP = 5 * moment.MINUTE
_BEHIND = moment.DAY
"""The clock starts this far in the past: it runs 300 times faster than time, and no message may
be too late for it."""
_PATIENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: delays in seconds by stage, cores kept busy by process.

    `received_per_s` is the rate at which the connector took the messages in: the MQTT broker and
    the connector sustain the rate of publishing if it is as large.
    """

    rate: int
    messages: int
    received_per_s: float
    p50: Mapping[str, float]
    p99: Mapping[str, float]
    lost: int
    doubled: int
    cores: Mapping[str, float]

    @property
    def exact(self) -> bool:
        """Every message became exactly one event."""
        return not (self.lost or self.doubled)


@dataclass(slots=True)
class Course:
    """What was published and what the pages said; numbers from `first` on are measured.

    The first `unheard` messages were sent before the connector had subscribed; `ticked` is the
    newest tick.
    """

    publisher: Publisher
    pages: Pages
    unheard: int = 0
    first: int = 0
    ticked: int = 0


async def delay(place: Place, rate: int, seconds: int) -> Run:
    """Publish `rate` messages a second for `seconds` after a warm-up, and follow each."""
    ids = await prepared(place)
    async with AsyncExitStack() as held:
        pages, watched = _programs(place, held)
        await watched["connect"].said("connected: frigate")
        await watched["exporter"].said("metrics on")
        publisher = held.enter_context(Publisher(place.mqtt_port or 0, TOPIC, message))
        clock = await held.enter_async_context(ticker(place.kafka, ids, "bench"))
        course = Course(publisher, pages)
        await held.enter_async_context(_beside(pages.follow()))
        await held.enter_async_context(_beside(_tick(course, clock)))
        await _probe(course)
        await publisher.publish(rate * WARM_S, rate)
        course.first = len(publisher.due)
        usage = _usage(place, watched)
        began, before = time.monotonic(), {name: cpu() for name, cpu in usage.items()}
        await publisher.publish(rate * seconds, rate)
        took = time.monotonic() - began
        cores = {name: (cpu() - before[name]) / took for name, cpu in usage.items()}
        await _settle(course, watched)
    return judged(rate, course, await arrivals(place.kafka), cores)


def _programs(place: Place, held: AsyncExitStack) -> tuple[Pages, dict[str, Watched]]:
    worker, exporter = place.port(), place.port()
    state = place.folder / "state"
    programs = {
        "connect": ["connect", "frigate"],
        "worker": ["worker", "--clock=none", f"--datadir={state}", f"--metrics-port={worker}"],
        "exporter": ["exporter", f"--port={exporter}"],
    }
    watched = {
        name: held.enter_context(place.jcoc(name, *words)) for name, words in programs.items()
    }
    page = "http://127.0.0.1:{}/metrics"
    return Pages(page.format(worker), page.format(exporter)), watched


def _usage(place: Place, watched: Mapping[str, Watched]) -> dict[str, Callable[[], float]]:
    """What tells the CPU seconds of each process, this one (publishing, reading) included."""
    parts = {part: psutil.Process(pid) for part, pid in place.pids.items()}
    parts["bench"] = psutil.Process()
    return {name: program.cpu_s for name, program in watched.items()} | {
        part: partial(cpu_s, process) for part, process in parts.items()
    }


async def _tick(course: Course, clock: Ticker) -> None:
    at = time.time_ns() // 1000 // _STEP * _STEP - _BEHIND
    while True:
        begun = time.monotonic()
        await clock.tick(at)
        course.ticked = at
        at += _STEP
        await asyncio.sleep(max(0.0, begun + _TICK_S - time.monotonic()))


async def _probe(course: Course) -> None:
    """Single messages until one has come through: the way is open from end to end."""
    end = time.monotonic() + _PATIENCE_S
    while not course.pages.received.last:
        if time.monotonic() > end:
            raise Halt("no message came through from MQTT to the worker's /metrics")
        await course.publisher.publish(1, 1)
        await asyncio.sleep(2)
    await asyncio.sleep(2)
    course.unheard = len(course.publisher.due) - course.pages.received.last


async def _settle(course: Course, watched: Mapping[str, Watched]) -> None:
    """Wait until everything is normalized and a tick that was written after that is shown.

    Not for ever: what has not come by then is judged as lost.
    """
    wanted = len(course.publisher.due) - course.unheard
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            await _until(lambda: course.pages.received.last >= wanted, watched)
            enough = course.ticked + 2 * _STEP
            await _until(lambda: course.pages.shown.last >= enough, watched)


async def _until(there: Callable[[], bool], watched: Mapping[str, Watched]) -> None:
    while not there():
        for program in watched.values():
            program.check()
        await asyncio.sleep(0.1)


def judged(rate: int, course: Course, found: Arrivals, cores: Mapping[str, float]) -> Run:
    """Delays of the measured messages that arrived; the others are lost."""
    due = course.publisher.due
    delays: dict[str, list[float]] = {stage: [] for stage in STAGES}
    lost = 0
    for number in range(course.first, len(due)):
        seen = _seen(course, found, number)
        if seen is None:
            lost += 1
            continue
        for stage, at in zip(STAGES, seen, strict=True):
            delays[stage].append(at - due[number])
    times = [at for number, at in found.received_at.items() if number >= course.first]
    parts = {stage: quantiles(of, n=100, method="inclusive") for stage, of in delays.items()}
    return Run(
        rate=rate,
        messages=len(due) - course.first,
        received_per_s=(len(times) - 1) / (max(times) - min(times)),
        p50={stage: part[49] for stage, part in parts.items()},
        p99={stage: part[98] for stage, part in parts.items()},
        lost=lost,
        doubled=sum(number >= course.first and n > 1 for number, n in found.events.items()),
        cores=cores,
    )


def _seen(course: Course, found: Arrivals, number: int) -> tuple[float, ...] | None:
    """When the message reached each stage; None if it did not reach all."""
    tick = found.tick.get(number)
    if tick is None or number not in found.received_at:
        return None
    pages = course.pages
    normalized = pages.received.reached(number + 1 - course.unheard)
    counted, shown = pages.closed.reached(tick), pages.shown.reached(tick)
    if normalized is None or counted is None or shown is None:
        return None
    return found.received_at[number], normalized, counted, shown


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` until the block ends; its failure is the block's."""
    task = asyncio.create_task(work)
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
