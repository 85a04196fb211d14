"""The fold job: canonical CCTV events to 1-minute cells by camera and label.

Both implementations read the same events, which are in Kafka before they start, each as one
process of its own in a consumer group of its own, one after the other, on one broker with 4
partitions.  The clock runs from the process's first record (the worker: first batch about to be
folded, its connections open; plain Faust: first event in its agent) until the cells of the last
tick are acknowledged and every offset is committed; both commit once a second, so up to a second
of it is waiting.  CPU is that of the process in this time, peak memory that of its whole life.

The worker does all of its usual work: KPIs are computed at each tick, event ids are remembered so
that a resend counts once, state goes to the changelog.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench import plain_faust
from bench.detections import minutes
from bench.loading import DETECTED, TICKS, committed, load, load_inline, prepared
from bench.oracle import Cell, Totals, Verdict, cells, judge
from bench.place import Place
from bench.watched import Watched
from core import moment, topics
from wire.reader import read
from wire.topics import Topic, create

OURS = "jcoc"
PLAIN = "plain-faust"
PLAIN_EVENTS = 50_000
"""Plain Faust gets a prefix, which takes it longer than the whole stream takes the worker."""
_GROUP = "jcoc-bench"
_PLAIN_IN, _PLAIN_OUT = "bench.plain.detected", "bench.plain.cells"


@dataclass(frozen=True, slots=True)
class Run:
    """One implementation, measured once."""

    implementation: str
    events: int
    seconds: float
    cpu_s: float
    peak_rss_mib: float
    verdict: Verdict

    @property
    def events_per_s(self) -> float:
        """Throughput, the closing of the windows and the last commit counted."""
        return self.events / self.seconds

    @property
    def cpu_s_per_million(self) -> float:
        """CPU seconds of the process for a million events."""
        return self.cpu_s / self.events * 1_000_000


async def ours(place: Place, events: int) -> Run:
    """`jcoc worker` over `events` detections."""
    ids = await prepared(place)
    await load(place.kafka, ids, minutes(events))
    options = ("--clock=none", f"--group={_GROUP}", f"--datadir={place.folder / 'state'}")
    worker = partial(place.jcoc, "worker", "worker", *options)
    timed = await _timed(place, worker, "fold_loaded", _GROUP, [DETECTED, TICKS])
    return Run(OURS, events, *timed, judge(cells(minutes(events)), await _our_cells(place)))


async def plain(place: Place, events: int) -> Run:
    """A plain per-event Faust agent over the first `PLAIN_EVENTS` of them, or fewer."""
    events = min(events, PLAIN_EVENTS)
    ids = await prepared(place)
    log = {"cleanup.policy": "compact"}
    await create(
        place.kafka,
        [
            Topic(_PLAIN_IN, topics.PARTITIONS),
            Topic(_PLAIN_OUT, topics.PARTITIONS),
            Topic(plain_faust.CHANGELOG, topics.PARTITIONS, log),
        ],
    )
    await load_inline(place.kafka, ids, minutes(events), _PLAIN_IN)
    options = (
        f"--bootstrap={place.kafka.bootstrap}", f"--topic={_PLAIN_IN}", f"--out={_PLAIN_OUT}",
        f"--datadir={place.folder / 'plain'}", f"--tick-schema={ids[topics.TICK]}",
    )  # fmt: skip
    agent = partial(place.python, "plain", "bench.plain_faust", *options)
    timed = await _timed(place, agent, plain_faust.FIRST, plain_faust.GROUP, [_PLAIN_IN])
    return Run(PLAIN, events, *timed, judge(cells(minutes(events)), await _plain_cells(place)))


async def _timed(
    place: Place,
    start: Callable[[], Watched],
    sign: str,
    group: str,
    names: Sequence[str],
) -> tuple[float, float, float]:
    """Seconds, CPU seconds and peak MiB of a process from `sign` in its log to the last commit."""
    with start() as process:
        await process.said(sign)
        began, used = time.monotonic(), process.cpu_s()
        await committed(place.kafka, group, names, process.check)
        return time.monotonic() - began, process.cpu_s() - used, process.peak_rss_mib()


async def _our_cells(place: Place) -> dict[Cell, Totals]:
    """The newest record of each cell; cells are keyed, so all of one are in one partition."""
    found: dict[Cell, Totals] = {}
    async for record in read(place.kafka, [topics.CELLS]):
        shown = json.loads(record.value)
        minute = moment.parse(shown["minute"]) // moment.MINUTE
        cell = (minute, shown["camera_id"], shown["label"])
        found[cell] = (shown["count"], shown["events"], shown["confidence"])
    return found


async def _plain_cells(place: Place) -> dict[Cell, Totals]:
    found: dict[Cell, Totals] = {}
    async for record in read(place.kafka, [_PLAIN_OUT]):
        minute, camera, label = record.key.decode().split("|")
        _, *totals = json.loads(record.value)
        found[int(minute), camera, label] = (totals[0], totals[1], totals[2])
    return found


IMPLEMENTATIONS: Mapping[str, Callable[[Place, int], Coroutine[Any, Any, Run]]] = {
    OURS: ours,
    PLAIN: plain,
}
"""Who can do the job, by the name that the command line knows."""
