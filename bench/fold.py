"""The fold job: canonical CCTV events to 1-minute cells by camera and label.

All read the same events, which are in Kafka before they start, each in a consumer group of its
own, one after the other, on one broker with 4 partitions.  Events that are less sure than 0.1 are
rejected and counted.  The backbone's worker reads ticks from their own topic; peers read a topic
in which each partition has the ticks in their place, so that they close by the same clock without
aligning two topics.  The clock runs from an implementation's first record (its connections open)
until the cells of the last tick are acknowledged and every offset is committed; all commit once a
second, so up to a second of it is waiting.  CPU is that of all its processes in this time, memory
the peak of its largest process.

The worker does all of its usual work: KPIs are computed at each tick, event ids are remembered so
that a resend counts once, state goes to the changelog.  No peer does the first two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from bench import ours, plain_faust, streams
from bench.attempt import Attempt, Implementation
from bench.detections import minutes
from bench.job import Job
from bench.loading import DETECTED, TICKS, load, load_inline
from bench.oracle import Cell, Totals, Verdict, cells, judge
from bench.peers import floor_fold, settings
from bench.place import Place
from bench.python_peer import about, peer, pinned, told
from bench.targets import OURS, OURS_2, PLAIN, STREAMS
from core import moment, topics
from wire.reader import read
from wire.topics import Topic, create

FLOOR = "floor"
PLAIN_EVENTS = 50_000
"""Plain Faust gets a prefix, which takes it longer than the whole stream takes the worker."""
INLINE, PREFIX = "input.detected", "input.detected.prefix"
Found = tuple[dict[Cell, Totals], int]
_LOW = 'jcoc_rejects_total{reason="low_confidence",source="frigate"}'


async def _load(place: Place, ids: Mapping[str, int], events: int) -> None:
    inputs = (INLINE, PREFIX)
    await create(place.kafka, [Topic(name, topics.PARTITIONS) for name in inputs])
    await load(place.kafka, ids, minutes(events), INLINE)
    await load_inline(place.kafka, ids, minutes(min(events, PLAIN_EVENTS)), PREFIX)


def _out(attempt: Attempt) -> str:
    return f"{attempt.tag}.cells"


async def _begin_ours(attempt: Attempt, workers: int) -> None:
    ours.begin(attempt, workers)


async def _found_ours(attempt: Attempt) -> Found:
    """The newest record of each cell; cells are keyed, so all of one are in one partition."""
    found: dict[Cell, Totals] = {}
    async for record in read(attempt.place.kafka, [topics.CELLS]):
        shown = json.loads(record.value)
        minute = moment.parse(shown["minute"]) // moment.MINUTE
        cell = (minute, shown["camera_id"], shown["label"])
        found[cell] = (shown["count"], shown["events"], shown["confidence"])
    return found, ours.counted(attempt.pages, _LOW)


async def _create(attempt: Attempt, *more: Topic) -> None:
    await create(attempt.place.kafka, [Topic(_out(attempt), topics.PARTITIONS), *more])


async def _begin_plain(attempt: Attempt) -> None:
    changelog = plain_faust.changelog(attempt.tag)
    await _create(attempt, Topic(changelog, topics.PARTITIONS, {"cleanup.policy": "compact"}))
    place = attempt.place
    options = (
        f"--bootstrap={place.kafka.bootstrap}", f"--group={attempt.tag}",
        f"--topic={attempt.topic}", f"--out={_out(attempt)}",
        f"--datadir={place.folder / attempt.tag}", f"--tick-schema={attempt.ids[topics.TICK]}",
    )  # fmt: skip
    attempt.processes.append(place.python(attempt.tag, "bench.plain_faust", *options))


async def _begin_floor(attempt: Attempt) -> None:
    await _create(attempt)
    words = told(attempt, _out(attempt))
    attempt.processes.append(attempt.place.python(attempt.tag, "bench.peers.floor_fold", *words))


async def _begin_peer(attempt: Attempt, name: str, module: str) -> None:
    await _create(attempt)
    attempt.processes.append(peer(attempt, name, module, _out(attempt)))


async def _begin_streams(attempt: Attempt) -> None:
    await _create(attempt)
    words = (attempt.topic, _out(attempt), str(attempt.ids[topics.TICK]))
    attempt.processes.append(streams.begin(attempt, "FoldStreams", *words))


async def _found_peer(attempt: Attempt) -> Found:
    """Cells and rejects as every peer writes them; the newest of a key counts."""
    found: dict[Cell, Totals] = {}
    rejected: dict[str, int] = {}
    async for record in read(attempt.place.kafka, [_out(attempt)]):
        first, *rest = record.key.decode().split("|")
        value = json.loads(record.value)
        if first == "rejected":
            rejected[rest[0]] = value
        else:
            camera, label = rest
            _, total, events, best = value
            found[int(first), camera, label] = (total, events, best)
    return found, sum(rejected.values())


@cache
def _expected(events: int) -> Found:
    return cells(minutes(events))


def _judge(events: int, found: Any) -> Verdict:
    return judge(_expected(events), found)


def _of(name: str, workers: int) -> Implementation:
    return Implementation(
        name,
        sign="fold_loaded",
        begin=partial(_begin_ours, workers=workers),
        found=_found_ours,
        reads=(DETECTED, TICKS),
        about=f"`jcoc worker --clock=none`, workers in one group: {workers}.",
    )


IMPLEMENTATIONS: Mapping[str, Implementation] = {
    who.name: who
    for who in (
        _of(OURS, 1),
        _of(OURS_2, 2),
        Implementation(
            STREAMS, streams.FIRST, _begin_streams, _found_peer, (INLINE,),
            streams.about("FoldStreams"), streams.settings(),
        ),
        Implementation(
            FLOOR, "first_event", _begin_floor, _found_peer, (INLINE,),
            floor_fold.__doc__ or "", floor_fold.SETTINGS,
        ),
        Implementation(
            "quix", "first_event", partial(_begin_peer, name="quix", module="quix_fold"),
            _found_peer, (INLINE,), about("quix_fold"),
            {**pinned("quix"), **settings.QUIX},
        ),
        Implementation(
            "bytewax", "first_event", partial(_begin_peer, name="bytewax", module="bytewax_fold"),
            _found_peer, (INLINE,), about("bytewax_fold"),
            {**pinned("bytewax"), **settings.BYTEWAX},
            ended="finished",
        ),
        Implementation(
            PLAIN, plain_faust.FIRST, _begin_plain, _found_peer, (PREFIX,),
            plain_faust.__doc__ or "", plain_faust.MAKES, most=PLAIN_EVENTS,
        ),
    )
}  # fmt: skip
"""Who can do the job, by the name that the command line knows."""

JOB = Job("fold", __doc__ or "", _load, (DETECTED, TICKS, INLINE, PREFIX), IMPLEMENTATIONS, _judge)
