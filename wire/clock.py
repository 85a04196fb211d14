"""The ticker: the event-time clock that drives every window (convention C2d)."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from core import contract, moment, topics
from core.events import Event
from core.outcome import Retry
from wire.codec import Codec
from wire.config import Kafka
from wire.patience import weather
from wire.producer import producer
from wire.reader import assigned, end_offsets, ends, read

TOPIC = topics.city(topics.TICK)
CUT = "cut"
"""Header of a tick: JSON object, city topic to next offset, in the tick's own partition."""
_SEND_S = 30


def event(at: int, source: str) -> Event:
    """The tick of a moment; its id names the moment, so a repeated tick is the same event."""
    return Event(topics.TICK, f"clock:{moment.rfc3339(at)}", at, source)


class Ticker:
    """Writes ticks in increasing order; make one with `ticker`.

    A tick may be repeated after a crash, because the first one of a moment in each partition
    wins: readers ignore the later ones with their larger cuts.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        sender: AIOKafkaProducer,
        schema_id: int,
        source: str,
    ) -> None:
        """`consumer` is assigned every city topic, `schema_id` is that of clock.tick."""
        self._consumer = consumer
        self._sender = sender
        self._schema_id = schema_id
        self._source = source
        self._last: int | None = None

    async def tick(self, at: int) -> None:
        """Write the tick of moment `at` to every partition, with the city topics' ends as cut.

        Returns when all of it is acknowledged.  Raises ValueError unless `at` is after the last
        tick of this ticker, Retry when the broker is away: then call again with the same `at`.
        """
        if self._last is not None and at <= self._last:
            raise ValueError(
                f"tick {moment.rfc3339(at)} is not after {moment.rfc3339(self._last)}: "
                "event time does not go back"
            )
        tick = event(at, self._source)
        value = contract.frame(self._schema_id, contract.encode(tick))
        try:
            async with asyncio.timeout(_SEND_S):
                found = await ends(self._consumer)
                cut = cuts(found)
                # Kafka knows how many there are, whatever this process was set to.
                for number in sorted(number for topic, number in found if topic == TOPIC):
                    header = json.dumps(cut.get(number, {}), sort_keys=True).encode()
                    await self._sender.send_and_wait(
                        TOPIC, value, contract.key(tick), number, headers=[(CUT, header)]
                    )
        except (KafkaError, OSError, TimeoutError) as error:
            raise weather(error, f"ticking {moment.rfc3339(at)}") from error
        self._last = at

    async def run(
        self, every_s: float = 60, *, now: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        """Tick for ever: every `every_s` seconds, with the start of the minute that `now` is in.

        A minute that was ticked already is not ticked again; while the broker is away, waits.
        """
        while True:
            at = now() // moment.MINUTE * moment.MINUTE
            try:
                if self._last is None or at > self._last:
                    await self.tick(at)
            except Retry as weather_:
                await asyncio.sleep(weather_.after.total_seconds())
                continue
            await asyncio.sleep(every_s)


def cuts(found: Mapping[tuple[str, int], int]) -> dict[int, dict[str, int]]:
    """End offsets by partition and topic, without the ticks themselves."""
    by_partition: dict[int, dict[str, int]] = defaultdict(dict)
    for (topic, number), offset in found.items():
        if topic != TOPIC:
            by_partition[number][topic] = offset
    return dict(by_partition)


def cut_of(headers: Mapping[str, bytes]) -> dict[str, int]:
    """The cut of a tick record's headers.  Raises ValueError when there is none."""
    try:
        return {str(topic): int(offset) for topic, offset in json.loads(headers[CUT]).items()}
    except (KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"a tick without a readable {CUT!r} header: {error!r}") from error


async def latest(kafka: Kafka, codec: Codec) -> int | None:
    """Moment of the newest tick in Kafka, None before the first."""
    stops = await end_offsets(kafka, [TOPIC])
    newest = None
    lasts = {where: max(0, stop - 1) for where, stop in stops.items()}
    async for record in read(kafka, [TOPIC], begin=lasts, until=stops):
        tick_ = await codec.decode(TOPIC, record.value)
        if isinstance(tick_, Event):
            newest = max(newest or tick_.occurred_at, tick_.occurred_at)
    return newest


@asynccontextmanager
async def ticker(
    kafka: Kafka,
    schema_ids: Mapping[str, int],
    source: str = "jcoc",
    *,
    patience_s: float | None = None,
) -> AsyncIterator[Ticker]:
    """A ticker over every city topic; they must exist (`topics.ensure`)."""
    names = [topics.city(name) for name in contract.types()]
    async with (
        assigned(kafka, names, patience_s=patience_s) as consumer,
        producer(kafka, linger_ms=0, patience_s=patience_s) as sender,
    ):
        yield Ticker(consumer, sender, schema_ids[topics.TICK], source)


async def tick(kafka: Kafka, at: int, source: str, schema_ids: Mapping[str, int]) -> None:
    """Write one tick; raises as `Ticker.tick` does."""
    async with ticker(kafka, schema_ids, source, patience_s=10.0) as clock:
        await clock.tick(at)
