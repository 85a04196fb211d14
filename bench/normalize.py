"""The normalize job: raw Frigate `events` messages to canonical events, or to the dead letters.

All read the same `raw.frigate`, written as the edge writes it (keyless, CloudEvents headers, lz4)
before they start: JSON of about 1,080 bytes, 50 % `new`, 25 % `update`, 25 % `end`, and 0.5 %
malformed in eleven ways.  `new` becomes `cctv.detected`, the others `cctv.object_annotated` with a
SHA-256 in the id; both are Avro in Confluent framing, keyed by camera.  A reject is a dead letter
with its reason as a header.  Everything is written with acks=all, and offsets are committed after
what came of them is acknowledged.  The oracle knows of each message by its number what it must
become, and compares counts by type, rejects by reason and a checksum of keys and bodies that does
not depend on their order.

The worker runs with its normalize stage alone.  It does what the backbone promises of every
event: the checks of the contract, a story of seven headers with every dead letter, a log line
for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from bench import ours, plain_normalize, streams
from bench.attempt import Attempt, Implementation, Verdict
from bench.fold import FLOOR
from bench.job import Job
from bench.loading import Message, write_messages
from bench.payloads import TOPIC, all_expected, payload, received_at
from bench.peers import floor_normalize, settings
from bench.place import Place
from bench.python_peer import about, peer, pinned, told
from bench.tally import Tally, judge, tally
from bench.targets import OURS, OURS_2, PLAIN, STREAMS
from core import contract, topics
from core.manifest import Raw
from wire.config import Kafka
from wire.envelope import to_record
from wire.producer import producer
from wire.reader import assigned, ends
from wire.topics import Topic, create

RAW = topics.raw("frigate")
PREFIX = "input.frigate.prefix"
PLAIN_EVENTS = 20_000
EVENTS = ("cctv.detected", "cctv.object_annotated")
_CHUNK = 20_000
_REASON = "reject-reason"


async def _load(place: Place, _ids: Mapping[str, int], messages: int) -> None:
    await create(place.kafka, [Topic(PREFIX, topics.PARTITIONS)])
    await _write(place.kafka, RAW, messages)
    await _write(place.kafka, PREFIX, min(messages, PLAIN_EVENTS))


async def _write(kafka: Kafka, topic: str, messages: int) -> None:
    async with producer(kafka, linger_ms=0) as sender:
        for first in range(0, messages, _CHUNK):
            found: dict[int, list[Message]] = defaultdict(list)
            for number in range(first, min(messages, first + _CHUNK)):
                raw = Raw(payload(number), received_at(number), {"topic": TOPIC})
                value, headers = to_record(raw, "frigate")
                # Keyless records go anywhere; here to where the number says, in every run.
                home = (number * 2_654_435_761 >> 16) % topics.PARTITIONS
                found[home].append((None, value, headers))
            await write_messages(sender, topic, found)


async def _begin_ours(attempt: Attempt, workers: int) -> None:
    ours.begin(attempt, workers, "--stages=normalize")


async def _found_ours(attempt: Attempt) -> Tally:
    names = {topics.city(name): name for name in EVENTS}
    return await _found(attempt, names, topics.DEADLETTER)


def _outs(attempt: Attempt) -> dict[str, str]:
    return {f"{attempt.tag}.{name}": name for name in EVENTS}


def _letters(attempt: Attempt) -> str:
    return f"{attempt.tag}.letter"


async def _found_peer(attempt: Attempt) -> Tally:
    return await _found(attempt, _outs(attempt), _letters(attempt))


async def _found(attempt: Attempt, events: Mapping[str, str], letters: str) -> Tally:
    found = Tally()
    prefix = {t: contract.frame(attempt.ids[name], b"") for t, name in events.items()}
    async with assigned(attempt.place.kafka, [*events, letters]) as consumer:
        open_ = {where: end for where, end in (await ends(consumer)).items() if end}
        await consumer.seek_to_beginning()
        while open_:
            got = await consumer.getmany(*open_, timeout_ms=200, max_records=50_000)
            for where, records in got.items():
                for record in records:
                    if where.topic == letters:
                        found.rejects[dict(record.headers)[_REASON].decode()] += 1
                    elif record.value.startswith(prefix[where.topic]):
                        body = record.value[contract.FRAME_BYTES :]
                        found.event(events[where.topic], record.key, body)
                    else:
                        found.rejects["not framed as the contract says"] += 1
            for where, end in list(open_.items()):
                if await consumer.position(where) >= end:
                    del open_[where]
    return found


async def _create(attempt: Attempt) -> None:
    keyed = [Topic(name, topics.PARTITIONS) for name in _outs(attempt)]
    await create(attempt.place.kafka, [*keyed, Topic(_letters(attempt), 1)])


async def _begin_module(attempt: Attempt, module: str) -> None:
    await _create(attempt)
    words = told(attempt, attempt.tag)
    attempt.processes.append(attempt.place.python(attempt.tag, module, *words))


async def _begin_peer(attempt: Attempt, name: str, module: str) -> None:
    await _create(attempt)
    attempt.processes.append(peer(attempt, name, module, attempt.tag))


async def _begin_streams(attempt: Attempt) -> None:
    await _create(attempt)
    ids = [str(attempt.ids[name]) for name in EVENTS]
    words = (attempt.topic, attempt.tag, *ids)
    attempt.processes.append(streams.begin(attempt, "NormalizeStreams", *words))


@cache
def _expected(messages: int) -> Tally:
    return tally(all_expected(messages))


def _judge(messages: int, found: Any) -> Verdict:
    return judge(_expected(messages), found)


def _of(name: str, workers: int) -> Implementation:
    return Implementation(
        name,
        sign="normalize_loaded",
        begin=partial(_begin_ours, workers=workers),
        found=_found_ours,
        reads=(RAW,),
        about=f"`jcoc worker --clock=none --stages=normalize`, workers in one group: {workers}.",
    )


IMPLEMENTATIONS: Mapping[str, Implementation] = {
    who.name: who
    for who in (
        _of(OURS, 1),
        _of(OURS_2, 2),
        Implementation(
            STREAMS, streams.FIRST, _begin_streams, _found_peer, (RAW,),
            streams.about("NormalizeStreams"), streams.settings(),
        ),
        Implementation(
            FLOOR, "first_event", partial(_begin_module, module="bench.peers.floor_normalize"),
            _found_peer, (RAW,), floor_normalize.__doc__ or "", floor_normalize.SETTINGS,
        ),
        Implementation(
            "quix", "first_event", partial(_begin_peer, name="quix", module="quix_normalize"),
            _found_peer, (RAW,), about("quix_normalize"),
            {**pinned("quix"), **settings.QUIX},
        ),
        Implementation(
            "bytewax", "first_event",
            partial(_begin_peer, name="bytewax", module="bytewax_normalize"),
            _found_peer, (RAW,), about("bytewax_normalize"),
            {**pinned("bytewax"), **settings.BYTEWAX},
            ended="finished",
        ),
        Implementation(
            PLAIN, "first_event", partial(_begin_module, module="bench.plain_normalize"),
            _found_peer, (PREFIX,), plain_normalize.__doc__ or "", plain_normalize.MAKES,
            most=PLAIN_EVENTS,
        ),
    )
}  # fmt: skip
"""Who can do the job, by the name that the command line knows."""

JOB = Job("normalize", __doc__ or "", _load, (RAW, PREFIX), IMPLEMENTATIONS, _judge)
