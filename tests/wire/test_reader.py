"""A bounded read sees everything up to its end, once, and then ends."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from core.outcome import Halt, Retry
from wire.config import Kafka
from wire.patience import patiently
from wire.producer import producer
from wire.reader import Offsets, Silence, end_offsets, read, tail

NOBODY = Kafka("127.0.0.1:9")


async def fill(kafka: Kafka, topic: str, partition: int, *values: bytes) -> None:
    async with producer(kafka, linger_ms=0) as sender:
        for value in values:
            await sender.send_and_wait(topic, value, partition=partition)


async def values(
    kafka: Kafka, topic: str, begin: Offsets | None = None, until: Offsets | None = None
) -> list[bytes]:
    return [record.value async for record in read(kafka, [topic], begin=begin, until=until)]


@pytest.mark.stack
async def test_a_read_of_an_empty_topic_ends(kafka: Kafka, topic: str) -> None:
    assert await values(kafka, topic) == []


@pytest.mark.stack
async def test_a_read_ends_although_some_partitions_are_empty(kafka: Kafka, topic: str) -> None:
    await fill(kafka, topic, 1, b"a", b"b")
    await fill(kafka, topic, 3, b"c")
    assert sorted(await values(kafka, topic)) == [b"a", b"b", b"c"]


@pytest.mark.stack
async def test_a_read_keeps_the_order_of_each_partition(kafka: Kafka, topic: str) -> None:
    numbers = [b"%d" % number for number in range(500)]
    await fill(kafka, topic, 0, *numbers)
    assert await values(kafka, topic) == numbers


@pytest.mark.stack
async def test_a_read_starts_and_stops_at_the_given_offsets(kafka: Kafka, topic: str) -> None:
    await fill(kafka, topic, 2, b"a", b"b", b"c", b"d")
    where = (topic, 2)
    assert await values(kafka, topic, begin={where: 1}, until={where: 3}) == [b"b", b"c"]


@pytest.mark.stack
async def test_a_read_does_not_see_what_comes_after_it_began(kafka: Kafka, topic: str) -> None:
    await fill(kafka, topic, 0, b"before")
    seen = []
    async for record in read(kafka, [topic]):
        await fill(kafka, topic, 0, b"after")
        seen.append(record.value)
    assert seen == [b"before"]


@pytest.mark.stack
async def test_a_read_ends_behind_a_transaction_marker(kafka: Kafka, topic: str) -> None:
    sender = AIOKafkaProducer(**kafka.client(), transactional_id=topic)
    async with sender, sender.transaction():
        await sender.send_and_wait(topic, b"paid", partition=0)

    async def marked() -> None:  # the broker answers before it has written the marker
        if (await end_offsets(kafka, [topic]))[(topic, 0)] < 2:
            raise Retry("no marker yet")

    await patiently(marked, patience_s=30)
    assert await values(kafka, topic) == [b"paid"]


@pytest.mark.stack
async def test_what_retention_removed_is_not_taken_for_silence(kafka: Kafka, topic: str) -> None:
    await fill(kafka, topic, 0, b"a", b"b", b"c")
    admin = AIOKafkaAdminClient(**kafka.client())
    await admin.start()
    await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=2)})
    await admin.close()
    assert await values(kafka, topic) == [b"c"]
    with pytest.raises(Halt, match="0 to 1 are no longer kept"):
        await values(kafka, topic, begin={(topic, 0): 0})


@pytest.mark.stack
async def test_a_tail_goes_on_with_what_comes_later(kafka: Kafka, topic: str) -> None:
    await fill(kafka, topic, 0, b"early")
    async with aclosing(tail(kafka, [topic])) as records:
        assert (await anext(records)).value == b"early"
        await fill(kafka, topic, 1, b"late")
        assert (await anext(records)).value == b"late"


@pytest.mark.stack
async def test_a_topic_that_is_not_there_halts_and_is_not_made(kafka: Kafka) -> None:
    for _ in range(2):
        with pytest.raises(Halt, match=r"no topic test\.nowhere"):
            await values(kafka, "test.nowhere")


async def test_a_broker_that_is_away_is_a_retry() -> None:
    with pytest.raises(Retry, match=r"127\.0\.0\.1:9"):
        await end_offsets(NOBODY, ["any"], patience_s=0)


async def test_a_producer_without_a_broker_is_a_retry() -> None:
    with pytest.raises(Retry, match=r"127\.0\.0\.1:9"):
        async with producer(NOBODY, patience_s=0):
            pass


async def test_a_read_that_stands_still_notices() -> None:
    silence = Silence(patience_s=-1)
    silence.heard({("t", 0): 5})
    silence.heard({("t", 0): 6})
    with pytest.raises(Retry):
        silence.heard({("t", 0): 6})


@pytest.mark.stack
async def test_two_reads_at_once_do_not_share_anything(kafka: Kafka, topic: str) -> None:
    await fill(kafka, topic, 0, b"a")
    one, other = await asyncio.gather(values(kafka, topic), values(kafka, topic))
    assert one == other == [b"a"]
