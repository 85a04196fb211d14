"""The jobs of the worker: cases through it, and a worker that takes its state back."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import psutil

from bench import ours
from bench.attempt import Attempt, Run
from bench.city import stories
from bench.loading import committed, delete, partition_of, prepared, write
from bench.place import Place, Tell
from bench.watched import Watched, cpu_s
from core import contract, moment, topics
from core.events import Event
from core.outcome import Halt
from wire.clock import TOPIC, ticker
from wire.producer import producer
from wire.reader import partitions, read

CASES, RESTORE = "cases", "restore"
OURS = "jcoc"
EVENTS = 200_000
OPEN_CASES = 100_000
TICKS = 12
"""Of the job `cases`, one after each twelfth of the three days."""
_SIGNS = {"fold_loaded": topics.PARTITIONS, "join_loaded": 4, "publish_loaded": 1}
"""What a worker says when a task has its state, and how many tasks say so."""
_LOOK_S = 0.05
_PATIENCE_S = 900.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong, in words."""

    right: str
    flaws: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Nothing is."""
        return not self.flaws

    def __str__(self) -> str:
        """For people."""
        return self.right if self.exact else f"WRONG: {'; '.join(self.flaws)}"


async def cases(place: Place, *, events: int | None, repeat: int, tell: Tell) -> list[Run]:
    """Cases through the worker, so often; each time from the beginning.

    They are in Kafka before it starts.  The clock runs from the state of its first partition
    until all offsets are committed: outputs, changelogs and frontiers are acknowledged then.
    """
    count = round((events or EVENTS) / stories.AVERAGE)
    found = []
    for number in range(repeat):
        ids = await _emptied(place)
        tell(f"{CASES}: writing, run {number + 1} of {repeat}")
        loaded = await _load(place, ids, stories.cases(count), TICKS)
        attempt = Attempt(place, f"bench-{CASES}-{number}", ids, "")
        with ExitStack() as held:
            ours.begin(attempt, 1)
            worker = held.enter_context(attempt.processes[0])
            tell(f"{CASES}: run {number + 1} of {repeat}")
            await worker.said("fold_loaded")
            began, used, broker = time.monotonic(), worker.cpu_s(), _broker_s(place)
            await committed(place.kafka, attempt.tag, _inputs(), worker.check)
            seconds = time.monotonic() - began
            cpu, broker = worker.cpu_s() - used, _broker_s(place) - broker
            await _published(worker, stories.END)
            later = time.monotonic() - began - seconds
            verdict = await _judge(place, stories.expected(count))
            facts = {"cases": count, "ticks": TICKS, "published_later_s": later}
            found.append(Run(CASES, OURS, loaded, seconds, cpu, worker.peak_rss_mib(), broker,
                             verdict, facts))  # fmt: skip
    return found


async def restore(place: Place, *, events: int | None, repeat: int, tell: Tell) -> list[Run]:
    """A worker with so many open cases is told to end, and another takes its place, so often.

    A tick waits for it: a task takes its state when there is something to read.  The clock runs
    from the start of its process until all tasks have their state; the last sign of life is that
    the tick is published.
    """
    count = events or OPEN_CASES
    ids = await _emptied(place)
    tell(f"{RESTORE}: writing {count:,} open cases")
    loaded = await _load(place, ids, stories.cases(count, still_open=True), 1)
    attempt = Attempt(place, f"bench-{RESTORE}", ids, "")
    found = []
    with ExitStack() as held:
        first = held.enter_context(ours.start(attempt))
        tell(f"{RESTORE}: the first worker folds them")
        await committed(place.kafka, attempt.tag, _inputs(), first.check)
        await _published(first, stories.END)
        first.signal(signal.SIGTERM)
        await first.ended()
        for number in range(repeat):
            tell(f"{RESTORE}: run {number + 1} of {repeat}")
            at = stories.END + (number + 1) * moment.MINUTE
            async with ticker(place.kafka, ids, "bench") as clock:
                await clock.tick(at)
            began = time.monotonic()
            worker = held.enter_context(ours.start(attempt))
            broker = _broker_s(place)
            await _loaded(worker)
            seconds, cpu, peak = time.monotonic() - began, worker.cpu_s(), worker.peak_rss_mib()
            broker = _broker_s(place) - broker
            await _published(worker, at)
            facts = {"open_cases": count, "until_next_tick_s": time.monotonic() - began}
            records = _records(worker)
            flaws = () if records >= count else (f"{records:,} records for {count:,} cases",)
            verdict = Verdict(f"{records:,} records restored", flaws)
            found.append(Run(RESTORE, OURS, loaded, seconds, cpu, peak, broker, verdict, facts))
            worker.signal(signal.SIGTERM)
            await worker.ended()
    return found


def _inputs() -> list[str]:
    types = [
        name for name in contract.types() if name.partition(".")[0] in {"complaint", "service"}
    ]
    return [*map(topics.city, types), TOPIC]


def _broker_s(place: Place) -> float:
    return cpu_s(psutil.Process(place.pids["kafka"]))


async def _emptied(place: Place) -> dict[str, int]:
    known = await partitions(place.kafka)
    await delete(place.kafka, [name for name in known if not name.startswith("_")])
    return await prepared(place)


async def _load(place: Place, ids: Mapping[str, int], events: Iterable[Event], ticks: int) -> int:
    """Write events with ticks among them, the last at the end; how many there were."""
    length, number, count = (stories.END - stories.START) // ticks, 1, 0
    waiting: dict[str, dict[int, list[tuple[bytes, bytes]]]] = {}
    async with (
        producer(place.kafka, linger_ms=0) as sender,
        ticker(place.kafka, ids, "bench") as clock,
    ):

        async def tick(number: int) -> None:
            for topic, values in waiting.items():
                await write(sender, topic, values)
            waiting.clear()
            await clock.tick(stories.START + number * length)

        for event in events:
            while event.occurred_at >= stories.START + number * length:
                await tick(number)
                number += 1
            key = contract.key(event)
            value = contract.frame(ids[event.type], contract.encode(event))
            of_topic = waiting.setdefault(topics.city(event.type), {})
            of_topic.setdefault(partition_of(key), []).append((key, value))
            count += 1
        while number <= ticks:
            await tick(number)
            number += 1
    return count


async def _published(worker: Watched, tick: int) -> None:
    """Return when the worker says that the tick is published."""
    shown = moment.rfc3339(tick)
    await worker.said(f"{shown}[^\n]*tick_published|tick_published[^\n]*{shown}",
                      patience_s=_PATIENCE_S)  # fmt: skip


async def _loaded(worker: Watched) -> None:
    """Return when every task has its state.  Raises Halt when one does not."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        worker.check()
        text = worker.text()
        if all(text.count(sign) >= count for sign, count in _SIGNS.items()):
            return
        if time.monotonic() > end:
            raise Halt(f"{worker.name} does not take its state back: {worker.log}")
        await asyncio.sleep(_LOOK_S)


def _records(worker: Watched) -> int:
    """How many records of cases its folds took back."""
    lines = [json.loads(line) for line in worker.text().splitlines() if "fold_loaded" in line]
    return sum(int(line["records"]) for line in lines)


async def _judge(place: Place, expected: Mapping[tuple[str, int], int]) -> Verdict:
    """Hold the newest revision of the city's days against what must come."""
    found: dict[tuple[str, int], int] = {}
    async for record in read(place.kafka, [topics.PUBLISHED]):
        row = json.loads(record.value)
        key = row["kpi"], moment.parse(row["window_start"])
        if row["window"] == "1d" and row["scope_type"] == "city" and key in expected:
            found[key] = row["denominator"]
    flaws = [
        f"{kpi} of {moment.rfc3339(day)}: {found.get((kpi, day))} for {count:,}"
        for (kpi, day), count in expected.items()
        if found.get((kpi, day), 0) != count
    ]
    return Verdict(f"{sum(expected.values()):,} cases counted in their days", tuple(flaws))
