"""A source is held back while Kafka is away; nothing it gave is dropped."""

import asyncio

import pytest

from core import topics
from core.outcome import Halt, Retry
from edge.meter import Meter
from edge.outbox import Outbox, Pace
from edge.sink import Record, Shelf
from tests.edge.sources import no_pause

TOPIC = topics.raw("test")


def record(number: int) -> Record:
    return Record(TOPIC, str(number).encode())


def outbox(shelf: Shelf, depth: int = 1_000, depth_bytes: int = 1_000_000) -> Outbox:
    return Outbox("test", shelf, Meter(), depth=depth, depth_bytes=depth_bytes, sleep=no_pause)


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_was_put_is_acknowledged_when_settled() -> None:
    shelf = Shelf()
    box = outbox(shelf)
    for number in range(10):
        await box.put(record(number))
    await box.settled()
    assert sorted(shelf.records, key=lambda kept: int(kept.value)) == [record(n) for n in range(10)]


async def test_a_record_is_sent_again_until_the_broker_is_back() -> None:
    shelf = Shelf(weather=Retry("away"))
    box = outbox(shelf)
    await box.put(record(1))
    await turns()
    shelf.weather = None
    await box.settled()
    assert shelf.records == [record(1)]


@pytest.mark.parametrize(("depth", "depth_bytes"), [(2, 1_000), (1_000, 2)])
async def test_the_source_waits_while_enough_is_out(depth: int, depth_bytes: int) -> None:
    shelf = Shelf(weather=Retry("away"))
    box = outbox(shelf, depth, depth_bytes)
    await box.put(record(1))
    await box.put(record(2))
    third = asyncio.create_task(box.put(record(3)))
    await turns()
    assert not third.done()
    shelf.weather = None
    await third
    await box.settled()
    assert {kept.value for kept in shelf.records} == {b"1", b"2", b"3"}


async def test_a_record_that_kafka_never_takes_halts_the_source() -> None:
    box = outbox(Shelf(weather=Halt("not allowed")))
    await box.put(record(1))
    with pytest.raises(Halt, match="not allowed"):
        await box.settled()
    with pytest.raises(Halt, match="not allowed"):
        await box.put(record(2))


async def test_closing_tells_how_many_are_not_acknowledged() -> None:
    box = outbox(Shelf(weather=Retry("away")))
    await box.put(record(1))
    await box.put(record(2))
    assert await box.close(0.01) == 2
    assert box.unacknowledged == 0


async def test_only_payloads_are_counted_as_sent() -> None:
    meter = Meter()
    box = Outbox("test", Shelf(), meter)
    await box.put(record(12))
    await box.put(Record(topics.CURSORS, b"12", b"test"))
    await box.settled()
    assert meter.count("jcoc_edge_records_sent_total", source="test") == 1
    assert meter.count("jcoc_edge_sent_bytes_total", source="test") == 2


def test_pauses_grow_to_a_bound_and_start_small_again() -> None:
    pace = Pace()
    pauses = [pace.pause() for _ in range(2_000)]
    assert 0.1 <= pauses[0] <= 0.2
    assert all(15 <= pause <= 30 for pause in pauses[8:])
    pace.reset()
    assert pace.pause(at_least=5.0) <= 5.2
