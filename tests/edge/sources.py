"""A source system for the tests, on purpose as simple as one can be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from core import moment
from core.events import Event
from core.manifest import Cursor, Manifest, Raw
from core.outcome import Reject
from core.privacy import Pseudonymizer
from core.webhook_signature import key_of, verify
from edge.heartbeat import Heart
from edge.meter import Meter
from edge.sink import Shelf, Sink
from edge.source import Edge, Source

NOON = moment.parse("2026-03-02T12:00:00+07:00")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = Pseudonymizer(b"only for tests", "t1")

Fetch = Callable[[Any, Cursor], AsyncIterator[Raw]]


@dataclass
class Settings:
    """Settings of the test source."""

    interval: float = 0.0
    keys: tuple[bytes, ...] = field(default_factory=lambda: (key_of(SECRET),))


def parse(raw: Raw) -> Iterator[Event | Reject]:
    yield Event("source.heartbeat", raw.body.decode(), raw.received_at, "test")


def redact(body: bytes, pseudonymizer: Pseudonymizer) -> bytes:
    record = json.loads(body)
    if isinstance(record, dict) and "name" in record:
        record["name"] = pseudonymizer.of(record["name"])
    return json.dumps(record).encode()


def lines(body: bytes) -> Iterator[bytes]:
    yield from body.splitlines()


MANIFEST = Manifest(
    name="test",
    title="Test source",
    title_id="Sumber uji",
    owner="@tests",
    kind="poll",
    emits=("source.heartbeat",),
    settings=Settings,
    parse=parse,
    personal=("name",),
)


def edge(sink: Sink | None = None, **changes: Any) -> Edge:
    meter = Meter()
    given = Edge(sink or Shelf(), KEY, meter, Heart(meter, lambda: NOON), lambda: NOON, no_pause)
    return replace(given, **changes)


def source(fetch: Fetch | None = None, at: Edge | None = None, **changes: Any) -> Source:
    return Source(replace(MANIFEST, fetch=fetch, **changes), Settings(), at or edge())


def pushed(at: Edge | None = None) -> Source:
    def signed(settings: Settings, headers: Any, body: bytes, now: int) -> Any:
        return verify(settings.keys, headers, body, now)

    return source(at=at, kind="push", verify=signed, redact=redact)


def numbered(count: int) -> Fetch:
    """Yields 1 to `count` after the cursor, saving it after each; then rests."""

    async def fetch(settings: Any, cursor: Cursor) -> AsyncIterator[Raw]:
        for number in range(int(cursor.value or 0) + 1, count + 1):
            yield Raw(str(number).encode(), NOON)
            await cursor.save(str(number))
        await asyncio.Event().wait()

    return fetch


def failing(error: Exception) -> Fetch:
    """Yields nothing and raises `error`."""

    async def fetch(settings: Any, cursor: Cursor) -> AsyncIterator[Raw]:
        for raw in list[Raw]():
            yield raw
        raise error

    return fetch


async def until(done: Callable[[], Any]) -> None:
    """Let the others run until `done()` is true."""
    while not done():  # noqa: ASYNC110 - what is waited for knows nothing of the test
        await asyncio.sleep(0)


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)
