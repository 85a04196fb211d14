"""Follows `kpi.published` from its first record, for ever, whatever happens to the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from core import topics
from core.outcome import Retry
from streams.exporter.feed import Feed, Shelf
from streams.exporter.intake import Scopes
from wire.config import Kafka
from wire.patience import FIRST_S, LONGEST_S, weather
from wire.reader import assigned, ends, partitions

ANSWER_S = 5.0
"""A broker that takes longer to say where the topic ends is away."""

log = structlog.get_logger(__name__)


async def follow(kafka: Kafka, feed: Feed, scopes: Scopes, topic: str = topics.PUBLISHED) -> None:
    """Keep `feed` up to date until cancelled.  Raises Halt when Kafka refuses us for good.

    Each connection starts a new pass from the first record, shown once it has reached the end:
    until then the last values stay, and a topic that was made anew needs no special case.
    """
    pause = FIRST_S
    while True:
        try:
            await _pass(kafka, topic, feed, Shelf(scopes))
        except Retry as away:
            # A pass that got as far as an answer has earned a quick next one.
            pause = FIRST_S if feed.up else min(2 * pause, LONGEST_S)
            _note(feed, up=False, why=str(away))
        await asyncio.sleep(pause)


async def _pass(kafka: Kafka, topic: str, feed: Feed, shelf: Shelf) -> None:
    if topic not in await partitions(kafka):
        raise Retry(f"there is no topic {topic} yet")
    async with assigned(kafka, [topic], patience_s=0) as consumer:
        await consumer.seek_to_beginning()
        while True:
            await _take(consumer, shelf)
            try:
                feed.lag = await _lag(consumer)
            except Retry as away:
                # The consumer reconnects by itself and goes on where it was.
                _note(feed, up=False, why=str(away))
                continue
            _note(feed, up=True)
            if feed.lag <= 0:
                feed.shown = shelf


async def _take(consumer: AIOKafkaConsumer, shelf: Shelf) -> None:
    try:
        batches = await consumer.getmany(timeout_ms=500, max_records=5_000)
    except OffsetOutOfRangeError as error:
        raise Retry(f"the topic was made anew: {error}") from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise weather(error, "reading KPI rows") from error
    for records in batches.values():
        for record in records:
            reject = shelf.take(record.value or b"", record.timestamp / 1000)
            if reject is not None:
                log.warning(
                    "kpi row rejected",
                    reason=reject.reason.value,
                    detail=reject.detail,
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                )


async def _lag(consumer: AIOKafkaConsumer) -> int:
    try:
        async with asyncio.timeout(ANSWER_S):
            behind = 0
            for where, end in (await ends(consumer)).items():
                position = await consumer.position(where)
                if position > end:
                    raise Retry(f"{where.topic} was made anew: it ends at {end}")
                behind += end - position
            return behind
    except TimeoutError as error:
        raise Retry(f"no answer from Kafka in {ANSWER_S} s") from error


def _note(feed: Feed, *, up: bool, why: str = "") -> None:
    # Once per change: an outage of an hour is two lines of log, not thousands.
    if up != feed.up:
        say: Callable[..., None] = log.info if up else log.warning
        say("kafka answers" if up else "kafka is away", why=why, lag=feed.lag)
    feed.up = up
