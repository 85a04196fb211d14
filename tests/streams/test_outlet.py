"""What is sent is acknowledged, however long it takes."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
)

from core.outcome import Halt
from streams.outlet import Outlet


class Producer:
    """Fails as told: `refusals` at once, `failures` when the acknowledgement is due."""

    def __init__(
        self, refusals: int = 0, failures: int = 0, error: type[Exception] = KafkaTimeoutError
    ) -> None:
        self.refusals, self.failures, self.error = refusals, failures, error
        self.acknowledged: list[bytes] = []
        self._sender: Any = None

    async def send(self, _topic: str, value: bytes, *_rest: Any, **_more: Any) -> Any:
        if self.refusals:
            self.refusals -= 1
            raise KafkaConnectionError
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.failures:
            self.failures -= 1
            future.set_exception(self.error())
        else:
            self.acknowledged.append(value)
            future.set_result(None)
        return future


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr("streams.outlet.asyncio.sleep", sleep)
    return taken


ITEMS = [(None, bytes([n])) for n in range(10)]
SENT = [bytes([n]) for n in range(10)]


async def test_good_weather_needs_no_second_try(pauses: list[float]) -> None:
    producer = Producer()
    await Outlet(producer).send("t", ITEMS)
    assert (producer.acknowledged, pauses) == (SENT, [])


@pytest.mark.parametrize(("refusals", "failures"), [(3, 0), (0, 3), (0, 25), (2, 7)])
async def test_only_what_was_not_acknowledged_is_sent_again(
    pauses: list[float], refusals: int, failures: int
) -> None:
    producer = Producer(refusals, failures)
    await Outlet(producer).send("t", ITEMS)
    assert sorted(producer.acknowledged) == SENT
    assert pauses


async def test_pauses_grow_to_half_a_minute(pauses: list[float]) -> None:
    await Outlet(Producer(refusals=12)).send("t", ITEMS)
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0, 30.0, 30.0]


async def test_what_is_no_weather_is_not_tried_again(pauses: list[float]) -> None:
    with pytest.raises(ZeroDivisionError):
        await Outlet(Producer(failures=1, error=ZeroDivisionError)).send("t", ITEMS)
    assert pauses == []


async def test_what_no_repetition_will_send_stops_the_worker(pauses: list[float]) -> None:
    with pytest.raises(Halt, match="sending to t"):
        await Outlet(Producer(failures=1, error=MessageSizeTooLargeError)).send("t", ITEMS)
    assert pauses == []


async def test_a_producer_that_gave_up_stops_the_worker(pauses: list[float]) -> None:
    producer = Producer(failures=1, error=KafkaError)
    producer._sender = SimpleNamespace(sender_task=asyncio.create_task(asyncio.sleep(0)))
    await asyncio.wait({producer._sender.sender_task})
    with pytest.raises(Halt, match="gave up"):
        await Outlet(producer).send("t", ITEMS)
