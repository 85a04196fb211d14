"""Waiting for the other side."""

from __future__ import annotations

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAuthorizationFailedError

from core.outcome import Halt, Retry
from wire import patience
from wire.patience import patiently, weather


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_S", 0.0)


async def test_a_call_is_repeated_until_the_weather_clears() -> None:
    weather = [Retry("away"), Retry("still away")]

    async def call() -> str:
        if weather:
            raise weather.pop()
        return "here"

    assert await patiently(call) == "here"


async def test_our_own_mistake_is_not_repeated() -> None:
    calls = []

    async def call() -> None:
        calls.append(1)
        raise Halt("misconfigured")

    with pytest.raises(Halt):
        await patiently(call)
    assert len(calls) == 1


async def test_patience_ends_with_the_reason() -> None:
    async def call() -> None:
        raise Retry("the broker sleeps")

    with pytest.raises(Retry, match="the broker sleeps"):
        await patiently(call, patience_s=-1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KafkaConnectionError("refused"), Retry),
        (KafkaError("no known broker answers"), Retry),
        (ConnectionResetError(), Retry),
        (TimeoutError(), Retry),
        (TopicAuthorizationFailedError("city.clock.tick"), Halt),
    ],
)
def test_what_passes_by_itself_is_weather(
    error: KafkaError | OSError, kind: type[Exception]
) -> None:
    assert isinstance(weather(error, "reading"), kind)
