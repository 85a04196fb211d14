"""What is sent is acknowledged, however long it takes: in order, by whichever way it goes out."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
)
from aiokafka.record.default_records import DefaultRecordBatch

from core.outcome import Halt
from streams.outlet import Outlet
from wire.bulk_writer import Writer
from wire.config import Kafka
from wire.prebuilt import Prebuilt
from wire.producer import producer
from wire.topics import Topic, create


class Producer:
    """Fails as told: `refusals` at once, `failures` when the acknowledgement is due."""

    def __init__(
        self, refusals: int = 0, failures: int = 0, error: type[Exception] = KafkaTimeoutError
    ) -> None:
        self.refusals, self.failures, self.error = refusals, failures, error
        self.acknowledged: dict[tuple[str, int | None], list[bytes]] = defaultdict(list)
        self._sender: Any = None

    async def send(
        self, topic: str, value: bytes, _key: Any, partition: int | None, **_more: Any
    ) -> Any:
        return self._taken((topic, partition), [value])

    async def send_batch(self, batch: Prebuilt, topic: str, *, partition: int) -> Any:
        values = [record.value for record in DefaultRecordBatch(bytes(batch._build()))]
        return self._taken((topic, partition), values)

    def _taken(self, where: tuple[str, int | None], values: list[bytes]) -> Any:
        if self.refusals:
            self.refusals -= 1
            raise KafkaConnectionError
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.failures:
            self.failures -= 1
            future.set_exception(self.error())
        else:
            self.acknowledged[where] += values
            future.set_result(None)
        return future


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr("streams.outlet.asyncio.sleep", sleep)
    return taken


TEN = [b"%03d" % n for n in range(10)]
Way = Callable[..., Awaitable[None]]


def parcels(*values: int) -> list[Prebuilt]:
    """A batch each."""
    return [batch for n in values for batch in Writer().pairs([(b"k", b"%03d" % n)])]


async def by_key(outlet: Outlet, *values: int) -> None:
    await outlet.send("t", [(b"k", b"%03d" % n) for n in values])


async def whole(outlet: Outlet, *values: int) -> None:
    await outlet.deliver({("t", 1): parcels(*values)})


def arrived(sender: Producer) -> list[bytes]:
    return [value for values in sender.acknowledged.values() for value in values]


both_ways = pytest.mark.parametrize("way", [by_key, whole])


@both_ways
async def test_good_weather_needs_no_second_try(way: Way, pauses: list[float]) -> None:
    sender = Producer()
    await way(Outlet(sender), *range(10))
    assert (arrived(sender), pauses) == (TEN, [])


async def test_parcels_go_where_they_are_addressed(pauses: list[float]) -> None:
    sender = Producer()
    await Outlet(sender).deliver({("t", 1): parcels(*range(10)), ("u", 0): parcels(7)})
    await Outlet(sender).send("v", [(None, b"x"), (b"k", None)], 2)
    assert sender.acknowledged == {("t", 1): TEN, ("u", 0): [b"007"], ("v", 2): [b"x", None]}
    assert pauses == []


@both_ways
@pytest.mark.parametrize(("refusals", "failures"), [(3, 0), (0, 3), (0, 25), (2, 7)])
async def test_only_what_was_not_acknowledged_is_sent_again(
    way: Way, pauses: list[float], refusals: int, failures: int
) -> None:
    sender = Producer(refusals, failures)
    await way(Outlet(sender), *range(10))
    assert sorted(arrived(sender)) == TEN
    assert pauses


@both_ways
async def test_pauses_grow_to_half_a_minute(way: Way, pauses: list[float]) -> None:
    await way(Outlet(Producer(refusals=12)), 1)
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0, 30.0, 30.0]


@both_ways
async def test_what_is_no_weather_is_not_tried_again(way: Way, pauses: list[float]) -> None:
    with pytest.raises(ZeroDivisionError):
        await way(Outlet(Producer(failures=1, error=ZeroDivisionError)), 1)
    assert pauses == []


@both_ways
async def test_what_no_repetition_will_send_stops_the_worker(way: Way, pauses: list[float]) -> None:
    with pytest.raises(Halt, match="sending to t"):
        await way(Outlet(Producer(failures=1, error=MessageSizeTooLargeError)), 1)
    assert pauses == []


async def test_one_parcel_that_nobody_takes_stops_the_worker(pauses: list[float]) -> None:
    with pytest.raises(Halt, match="sending to t"):
        await Outlet(Producer(failures=1, error=MessageSizeTooLargeError)).deliver(
            {("t", 1): parcels(1), ("u", 1): parcels(1)}
        )
    assert pauses == []


@both_ways
async def test_a_producer_that_gave_up_stops_the_worker(way: Way, pauses: list[float]) -> None:
    sender = Producer(failures=1, error=KafkaError)
    sender._sender = SimpleNamespace(sender_task=asyncio.create_task(asyncio.sleep(0)))
    await asyncio.wait({sender._sender.sender_task})
    with pytest.raises(Halt, match="gave up"):
        await way(Outlet(sender), 1)


class Hesitant(Producer):
    """Takes the longer for a batch the earlier it comes, as a queue that is full at first."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds = 40

    async def send_batch(self, batch: Prebuilt, topic: str, *, partition: int) -> Any:
        self.rounds -= 4
        for _ in range(self.rounds):
            await asyncio.sleep(0)
        return await super().send_batch(batch, topic, partition=partition)


async def test_deliveries_that_overlap_keep_their_order() -> None:
    sender = Hesitant()
    outlet = Outlet(sender)
    given = [{("t", 1): parcels(*range(n, n + 5))} for n in (0, 5)]
    await asyncio.gather(*(outlet.deliver(one) for one in given))
    assert sender.acknowledged["t", 1] == TEN


async def test_nothing_is_delivered_at_once() -> None:
    await Outlet(Producer()).deliver({})


@pytest.mark.stack
async def test_a_broker_keeps_the_order_of_overlapping_deliveries(stack: Any) -> None:
    kafka, topic = Kafka(stack.bootstrap), f"test.{uuid4().hex}"
    await create(kafka, [Topic(topic, 4)])
    pairs = [(b"k", b"%06d" % n) for n in range(3_000)]
    small = Writer(limit=2_000)
    async with producer(kafka) as sender:
        outlet = Outlet(sender)
        assert list(await outlet.partitions(topic)) == [0, 1, 2, 3]
        parts = [pairs[at : at + 500] for at in range(0, len(pairs), 500)]
        await asyncio.gather(*(outlet.deliver({(topic, 3): small.pairs(part)}) for part in parts))
        await outlet.send(topic, [(b"k", b"last")], 3)
    async with AIOKafkaConsumer(
        topic, **kafka.client(), auto_offset_reset="earliest", enable_auto_commit=False
    ) as consumer:
        found = [(await consumer.getone()).value for _ in range(len(pairs) + 1)]
    assert found == [*(value for _, value in pairs), b"last"]
