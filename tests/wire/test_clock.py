"""Ticks advance event time in every partition and say how far it has come."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from core import moment, topics
from core.outcome import Retry
from wire import clock
from wire.clock import TOPIC, Ticker, cut_of, cuts, latest, ticker
from wire.codec import Codec
from wire.config import Kafka
from wire.reader import end_offsets, read
from wire.registry import Registry, ensure_schemas
from wire.topics import ensure

NINE = moment.parse("2026-11-23T09:00:00+07:00")
DETECTED = topics.city("cctv.detected")


class Log:
    """Stands for consumer and producer: ends that grow by what is sent."""

    def __init__(self, partitions: int = 4, *, failures: int = 0) -> None:
        self.ends = {TopicPartition(DETECTED, p): 10 * p for p in range(partitions)}
        self.ends |= {TopicPartition(TOPIC, p): 7 for p in range(partitions)}
        self.sent: list[tuple[bytes, int, dict[str, int]]] = []
        self.failures = failures

    def assignment(self) -> list[Any]:
        return list(self.ends)

    async def end_offsets(self, _where: list[Any]) -> dict[Any, int]:
        return self.ends

    async def send_and_wait(
        self, _topic: str, _value: bytes, key: bytes, number: int, headers: Any
    ) -> None:
        if self.failures:
            self.failures -= 1
            raise KafkaConnectionError("gone")
        self.sent.append((key, number, cut_of(dict(headers))))

    def ticked(self) -> list[bytes]:
        return [key for key, number, _ in self.sent if number == 0]


def on(log: Log) -> Ticker:
    return Ticker(log, log, 1, "test")


@pytest.mark.parametrize("partitions", [1, 4, 48])
async def test_each_partition_that_kafka_has_gets_the_tick_with_its_own_cut(
    partitions: int,
) -> None:
    log = Log(partitions)
    await on(log).tick(NINE)
    assert log.sent == [
        (b"clock:2026-11-23T02:00:00Z", number, {DETECTED: 10 * number})
        for number in range(partitions)
    ]


@pytest.mark.parametrize("back", [0, moment.SECOND])
async def test_event_time_does_not_stand_still_or_go_back(back: int) -> None:
    log = Log()
    clock = on(log)
    await clock.tick(NINE)
    with pytest.raises(ValueError, match="does not go back"):
        await clock.tick(NINE - back)


async def test_a_tick_that_failed_half_way_may_be_repeated() -> None:
    log = Log(failures=1)
    clock = on(log)
    with pytest.raises(Retry):
        await clock.tick(NINE)
    await clock.tick(NINE)
    assert len(log.sent) == len({number for _, number, _ in log.sent}) == 4


class Over(Exception):
    """The test's story has ended."""


async def told(log: Log, *times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    story = iter(times)

    def now() -> int:
        try:
            return next(story)
        except StopIteration:
            raise Over from None

    async def at_once(_seconds: float) -> None: ...

    monkeypatch.setattr("asyncio.sleep", at_once)
    with pytest.raises(Over):
        await on(log).run(0, now=now)


async def test_the_wall_clock_ticks_the_start_of_each_minute_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log, second = Log(), moment.SECOND
    times = (NINE + 2 * second, NINE + 50 * second, NINE + 61 * second)
    await told(log, *times, monkeypatch=monkeypatch)
    assert log.ticked() == [b"clock:2026-11-23T02:00:00Z", b"clock:2026-11-23T02:01:00Z"]


async def test_a_wall_clock_that_is_set_back_does_not_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    await told(log, NINE, NINE - moment.HOUR, monkeypatch=monkeypatch)
    assert log.ticked() == [b"clock:2026-11-23T02:00:00Z"]


async def test_the_wall_clock_outlasts_a_broker_that_goes_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log(failures=1)
    await told(log, NINE, NINE + moment.SECOND, monkeypatch=monkeypatch)
    assert log.ticked() == [b"clock:2026-11-23T02:00:00Z"]


def test_a_cut_does_not_name_the_ticks_themselves() -> None:
    assert cuts({(TOPIC, 0): 3, (DETECTED, 0): 7, (DETECTED, 1): 8}) == {
        0: {DETECTED: 7},
        1: {DETECTED: 8},
    }


@pytest.mark.parametrize("header", [{}, {"cut": b"soon"}, {"cut": b"[]"}, {"cut": b'{"a": null}'}])
def test_a_tick_without_a_readable_cut_is_a_value_error(header: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match=r"cut|Expecting"):
        cut_of(header)


@pytest.mark.stack
async def test_a_tick_in_kafka_is_an_event_with_the_ends_of_its_partition(
    kafka: Kafka, stack: Any
) -> None:
    await ensure(kafka, [])
    async with Registry(stack.registry_url) as registry:
        ids = await ensure_schemas(registry)
        codec = Codec(ids, registry)
        ends = await end_offsets(kafka, [DETECTED])
        before = await end_offsets(kafka, [TOPIC])
        at = (await latest(kafka, codec) or NINE) + 1
        async with ticker(kafka, ids, "test") as real:
            await real.tick(at)
        found = {}
        async for record in read(kafka, [TOPIC], begin=before):
            assert await codec.decode(TOPIC, record.value) == clock.event(at, "test")
            found[record.partition] = cut_of(dict(record.headers))[DETECTED]
        assert found == {number: ends[(DETECTED, number)] for number in range(kafka.partitions)}
        assert await latest(kafka, codec) == at
