"""One run of a scenario while it runs: its workers, what is committed, what they use."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import aiohttp
import psutil
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from bench import ours
from bench.attempt import Attempt
from bench.facts import Fact
from bench.loading import DETECTED, TICKS
from bench.place import Tell
from bench.scale.feed import Fed
from bench.scale.members import assignments
from bench.scale.samples import Look, Samples
from bench.watched import Watched, cpu_s
from core.outcome import Halt
from wire.reader import end_offsets

SIGN = "fold_loaded"
"""In a worker's log when a partition's first record has come, and its state is there."""
_LOADED = re.compile(r'"partition": (\d+)[^\n]*"event": "fold_loaded"')
_LAG = re.compile(rf'^jcoc_worker_lag_records\{{[^}}]*topic="{re.escape(DETECTED)}"\}} (\S+)', re.M)
_TOO_SOON = "over before anything could happen: give it more events, or a --rate"
_LOOK_S = 0.03
_PAGE_S = 0.5
_PATIENCE_S = 180.0


@dataclass(slots=True)
class Use:
    """CPU seconds and peak MiB of one process, as they were when it was last seen."""

    cpu_s: float
    peak_mib: float


@dataclass(slots=True)
class Course:
    """`living` are the workers that should run; what ended is in nobody's way."""

    attempt: Attempt
    samples: Samples
    held: ExitStack
    tell: Tell
    options: Callable[[int], tuple[str, ...]]
    """Of the worker of a number."""
    fed: Fed
    partitions: int
    living: list[Watched] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    began_at: float = 0.0
    over_at: float = 0.0
    lost: bool = False
    """Whether a worker ended, and its counters with it."""
    _looked: asyncio.Event = field(default_factory=asyncio.Event)
    _used: dict[str, Use] = field(default_factory=dict)
    _before: dict[str, float] = field(default_factory=dict)

    @property
    def broker(self) -> psutil.Process:
        """Kafka's process."""
        return psutil.Process(self.attempt.place.pids["kafka"])

    def start(self, number: int) -> Watched:
        """Start one more worker, with the options of that number."""
        worker = ours.start(self.attempt, *self.options(number))
        self.living.append(self.held.enter_context(worker))
        return worker

    async def leave(self, worker: Watched, number: signal.Signals) -> None:
        """Tell a worker to end, and wait until it has."""
        self._measure()
        self.living.remove(worker)
        self.lost = True
        worker.signal(number)
        await worker.ended()

    def pages(self) -> Iterator[str]:
        """Addresses of the pages of the living."""
        started = zip(self.attempt.processes, self.attempt.pages, strict=True)
        return (page for worker, page in started if worker in self.living)

    def page(self, worker: Watched) -> str:
        """Address of its /metrics."""
        return self.attempt.pages[self.attempt.processes.index(worker)]

    async def holds(self, worker: Watched) -> set[int]:
        """Partitions that are a worker's, who has said `SIGN`.  Raises Halt when it has none."""
        kafka, group = self.attempt.place.kafka, self.attempt.tag
        newest = int(_LOADED.findall(worker.text())[-1])
        for found in await assignments(kafka, group, DETECTED):
            if newest in found:
                return found
        raise Halt(f"{worker.name} has lost its partitions again")

    async def first(self) -> None:
        """Return when any worker has its first record: the clock begins."""
        await self.living[0].said(SIGN, beside=self.living[1:])
        self._measure()
        self._before = {name: use.cpu_s for name, use in self._used.items()}
        self.began_at = time.monotonic()
        self.began.set()

    async def joined(self, worker: Watched) -> None:
        """Return when a worker that came later has its first record too.

        Raises Halt as `reached` does.
        """
        await self.until(lambda: SIGN in worker.text() or self.over.is_set())
        if self.over.is_set():
            raise Halt(_TOO_SOON)

    async def reached(self, share: float) -> float:
        """Return the time when that part of all records is committed.

        Raises Halt when the end came sooner: then nothing can be done in between.
        """
        await self.until(lambda: self.samples.share >= share)
        if self.samples.share >= 1.0:
            raise Halt(_TOO_SOON)
        return time.monotonic()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return at the first look at which something holds."""
        while not holds():
            self._looked.clear()
            await self._looked.wait()

    async def follow(self) -> None:
        """Look on until all is written, read and committed.

        Raises Halt when a worker ends by itself, or nothing moves for minutes.
        """
        admin = AIOKafkaAdminClient(**self.attempt.place.kafka.client())
        await admin.start()
        try:
            ends: dict[tuple[str, int], int] = {}
            while True:
                self._check()
                committed = await self._look(admin)
                if not ends and self.fed.done:
                    known = await end_offsets(self.attempt.place.kafka, (DETECTED, TICKS))
                    ends = {where: end for where, end in known.items() if end}
                if ends and all(committed.get(where, 0) >= end for where, end in ends.items()):
                    break
                await asyncio.sleep(_LOOK_S)
        finally:
            await admin.close()
        self.over_at = time.monotonic()
        self._measure()
        self.over.set()
        self._looked.set()

    async def _look(self, admin: AIOKafkaAdminClient) -> Mapping[tuple[str, int], int]:
        found: dict[tuple[str, int], int] = {}
        # A broker that is held up answers later; what it said before is still true.
        with suppress(KafkaError):
            told = await admin.list_consumer_group_offsets(self.attempt.tag)
            found = {(where.topic, where.partition): at.offset for where, at in told.items()}
            mine = {number: at for (topic, number), at in found.items() if topic == DETECTED}
            before = self.samples.share
            self.samples.looks.append(
                Look(time.monotonic(), mine, sum(one.rss_mib() for one in self.living))
            )
            if int(self.samples.share * 4) > int(before * 4):
                self.tell(f"{self.samples.share:.0%} read")
        self._measure()
        self._looked.set()
        return found

    def _check(self) -> None:
        for worker in self.living:
            worker.check()
        looks = self.samples.looks
        if looks and looks[-1].at - self._last_growth() > _PATIENCE_S:
            raise Halt(f"nothing was committed for {_PATIENCE_S:.0f} s, {self.samples.share:.1%}")

    def _last_growth(self) -> float:
        looks = self.samples.looks
        older = (look.at for look in reversed(looks) if look.read < looks[-1].read)
        return next(older, self.began_at)

    def _measure(self) -> None:
        for worker in self.living:
            self._used[worker.name] = Use(worker.cpu_s(), worker.peak_rss_mib())

    @property
    def cpu_s(self) -> float:
        """Of all workers since the clock began; who came later is counted from its start."""
        return sum(use.cpu_s - self._before.get(name, 0) for name, use in self._used.items())

    @property
    def peak_mib(self) -> float:
        """Of the largest worker."""
        return max(use.peak_mib for use in self._used.values())

    def broker_cpu_s(self) -> float:
        """That the broker has used until now."""
        return cpu_s(self.broker)

    async def follow_pages(self) -> None:
        """Note the longest lag that any page tells, until all is over."""
        limit = aiohttp.ClientTimeout(total=_PAGE_S)
        async with aiohttp.ClientSession(timeout=limit) as http:
            while not self.over.is_set():
                for page in list(self.pages()):
                    # Who is not there yet, gone or held up says nothing.
                    with suppress(aiohttp.ClientError, TimeoutError):
                        async with http.get(page) as answer:
                            lags = [int(float(n)) for n in _LAG.findall(await answer.text())]
                        self.samples.longest_lag = max(self.samples.longest_lag, *lags, 0)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.over.wait(), _PAGE_S)
