"""Waiting for the other side: exponential backoff with an end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from aiokafka.errors import (
    BrokerNotAvailableError,
    InvalidReplicationFactorError,
    KafkaError,
    KafkaTimeoutError,
    KafkaUnavailableError,
    ReplicaNotAvailableError,
    UnknownError,
)

from core.outcome import Halt, Retry

Result = TypeVar("Result")

FIRST_S = 0.1
LONGEST_S = 10.0
_PASSING = (
    BrokerNotAvailableError,
    # Brokers that are still starting do not count as replicas yet.
    InvalidReplicationFactorError,
    KafkaTimeoutError,
    KafkaUnavailableError,
    ReplicaNotAvailableError,
    UnknownError,
)
"""What passes by itself although aiokafka does not call it retriable."""


async def patiently(
    call: Callable[[], Awaitable[Result]], *, patience_s: float | None = None
) -> Result:
    """Call until it no longer raises Retry, pausing 0.1 s, 0.2 s and so on up to 10 s.

    Lets the Retry through that comes when `patience_s` seconds are over; without, never.
    """
    pause = FIRST_S
    end = None if patience_s is None else time.monotonic() + patience_s
    while True:
        try:
            return await call()
        except Retry:
            if end is not None and time.monotonic() + pause > end:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_S)


def weather(error: KafkaError | OSError | TimeoutError, doing: str) -> Retry | Halt:
    """What a failed broker call means: Retry when the same call may work later, else Halt."""
    # A Kafka error's text begins with its class, the others' may be empty.
    what = str(error) if isinstance(error, KafkaError) else f"{type(error).__name__} {error}"
    why = f"{doing}: {what}".strip()
    return Retry(why, after=timedelta(seconds=1)) if _passes(error) else Halt(why)


def _passes(error: KafkaError | OSError | TimeoutError) -> bool:
    # aiokafka raises the bare KafkaError when no known broker answers.
    if not isinstance(error, KafkaError) or type(error) is KafkaError:
        return True
    return bool(error.retriable) or isinstance(error, _PASSING)
