"""What became of each message, read from Kafka after the run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bench.frigate import number_of
from bench.loading import DETECTED, TICKS
from core import contract, moment, topics
from core.detections import TYPE
from wire.clock import cut_of
from wire.config import Kafka
from wire.envelope import RECEIVED_AT
from wire.reader import read


@dataclass(frozen=True, slots=True)
class Arrivals:
    """By number of the message; `tick` is the first whose cut covers its event."""

    received_at: Mapping[int, float]
    tick: Mapping[int, int]
    events: Mapping[int, int]
    """How many events a message became: 1 is right."""


async def arrivals(kafka: Kafka) -> Arrivals:
    """Everything that is in Kafka now."""
    received: dict[int, float] = {}
    async for record in read(kafka, [topics.raw("frigate")]):
        headers = dict(record.headers)
        at = moment.parse(headers[RECEIVED_AT].decode())
        received[number_of(record.value.decode())] = at / moment.SECOND
    ticks = await _ticks(kafka)
    covered: dict[int, int] = {}
    events: dict[int, int] = defaultdict(int)
    async for record in read(kafka, [DETECTED]):
        number = number_of(contract.decode(TYPE, record.value[contract.FRAME_BYTES :]).event_id)
        events[number] += 1
        for at, cut in ticks.get(record.partition, []):
            if cut > record.offset:
                covered.setdefault(number, at)
                break
    return Arrivals(received, covered, events)


async def _ticks(kafka: Kafka) -> dict[int, list[tuple[int, int]]]:
    """Moment and cut of the detections of every tick, in order, by partition."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    async for record in read(kafka, [TICKS]):
        tick = contract.decode(topics.TICK, record.value[contract.FRAME_BYTES :])
        cut = cut_of(dict(record.headers)).get(DETECTED, 0)
        found[record.partition].append((tick.occurred_at, cut))
    return found
