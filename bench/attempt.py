"""One run of one implementation: how it is started, timed and asked what it came to."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

import psutil

from bench.facts import Facts
from bench.loading import committed
from bench.place import Place
from bench.watched import Watched, cpu_s

_PATIENCE_S = 600.0


class Verdict(Protocol):
    """How a result compares with the oracle's; as text it starts with WRONG unless exact."""

    @property
    def exact(self) -> bool:
        """Nothing is missing, off or invented."""


@dataclass(frozen=True, slots=True)
class Run:
    """One implementation of one job, measured once; `broker_cpu_s` is what Kafka used meanwhile.

    `facts` are what else was found, named with their units.
    """

    job: str
    implementation: str
    events: int
    seconds: float
    cpu_s: float
    peak_rss_mib: float
    broker_cpu_s: float
    verdict: Verdict
    facts: Facts = field(default_factory=dict)

    @property
    def events_per_s(self) -> float:
        """Throughput, the last acknowledged output and the last commit counted."""
        return self.events / self.seconds

    @property
    def cpu_s_per_million(self) -> float:
        """CPU seconds of the implementation's processes for a million events."""
        return self.cpu_s / self.events * 1_000_000

    @property
    def broker_cpu_s_per_million(self) -> float:
        """CPU seconds of the broker for a million events."""
        return self.broker_cpu_s / self.events * 1_000_000


@dataclass(frozen=True, slots=True)
class NotRun:
    """An implementation without a measurement, and why: what it needs is not here, or it failed."""

    job: str
    implementation: str
    why: str
    failed: bool = False


class Missing(Exception):
    """What an implementation needs is not on this machine; the text says what."""


@dataclass(slots=True)
class Attempt:
    """`tag` is its own: name of its consumer group, first part of its topics, logs and folders.

    `ids` are schema ids by event type; `processes` and `pages` (addresses of /metrics) are filled
    by who starts it.
    """

    place: Place
    tag: str
    ids: Mapping[str, int]
    topic: str
    processes: list[Watched] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Implementation:
    """Who can do a job, and all that is said about how it is configured.

    `sign` stands in its log at its first record.  It is through when its group has committed
    `reads` to their ends, or, if it commits nothing to Kafka, when its log says `ended`.
    `most` bounds how many events it is given: slow ones get a prefix.
    """

    name: str
    sign: str
    begin: Callable[[Attempt], Awaitable[None]]
    found: Callable[[Attempt], Awaitable[Any]]
    reads: Sequence[str]
    about: str
    settings: Mapping[str, object] = field(default_factory=dict)
    ended: str = ""
    most: int | None = None


Timing = tuple[float, float, float, float]
"""Seconds, CPU seconds, peak MiB, CPU seconds of the broker."""


async def measured(who: Implementation, attempt: Attempt) -> tuple[Timing, Any]:
    """What it took from its first record to its last commit; its result."""
    with ExitStack() as held:
        await who.begin(attempt)
        for process in attempt.processes:
            held.enter_context(process)
        timing = await _timed(who, attempt)
        return timing, await who.found(attempt)


async def _timed(who: Implementation, attempt: Attempt) -> Timing:
    processes, broker = attempt.processes, psutil.Process(attempt.place.pids["kafka"])
    await _first(who.sign, processes)
    began, used, brokers = time.monotonic(), _cpu_s(processes), cpu_s(broker)

    def check() -> None:
        for process in processes:
            process.check()

    if who.ended:
        for process in processes:
            await process.said(who.ended, patience_s=_PATIENCE_S)
    else:
        await committed(attempt.place.kafka, attempt.tag, who.reads, check)
    took, cpu, brokers = time.monotonic() - began, _cpu_s(processes) - used, cpu_s(broker) - brokers
    return took, cpu, max(process.peak_rss_mib() for process in processes), brokers


async def _first(sign: str, processes: Sequence[Watched]) -> None:
    """Return when any of them says it."""
    await processes[0].said(sign, beside=processes[1:])


def _cpu_s(processes: Sequence[Watched]) -> float:
    return sum(process.cpu_s() for process in processes)
