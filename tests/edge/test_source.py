"""What a source yields is in Kafka before its cursor is."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from core import moment, topics
from core.manifest import Cursor, Raw
from core.outcome import Halt, Retry
from edge.sink import Record, Shelf
from edge.source import Source
from tests.edge.sources import NOON, Settings, edge, failing, no_pause, numbered, source, until
from wire.envelope import from_record


async def running(done: Callable[[], Any], run: Source) -> None:
    """Run the source until `done()` is true."""
    task = asyncio.create_task(run.run())
    await until(lambda: done() or task.done())
    task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome


def bodies(shelf: Shelf) -> list[bytes]:
    return [record.value for record in shelf.records if record.topic == topics.raw("test")]


async def test_payloads_reach_the_raw_topic_as_they_are() -> None:
    shelf = Shelf()
    await running(lambda: bodies(shelf), source(numbered(1), edge(shelf)))
    sent = shelf.records[0]
    assert from_record(sent.value, sent.headers) == Raw(b"1", NOON)


def cursors(shelf: Shelf) -> list[Record]:
    return [record for record in shelf.records if record.topic == topics.CURSORS]


async def test_the_cursor_follows_what_is_acknowledged() -> None:
    shelf = Shelf()
    minutes = itertools.count(NOON, moment.MINUTE)
    at = edge(shelf, now=lambda: next(minutes))
    await running(lambda: len(shelf.records) == 4, source(numbered(2), at))
    assert [record.value for record in shelf.records] == [b"1", b"1", b"2", b"2"]
    assert cursors(shelf) == [Record(topics.CURSORS, n, key=b"test") for n in (b"1", b"2")]


async def test_of_cursors_in_quick_succession_the_last_is_written_at_the_stop() -> None:
    shelf = Shelf()
    rests: list[bool] = []

    async def fetch(_: Settings, cursor: Cursor) -> AsyncIterator[Raw]:
        for number in range(1, 10):
            yield Raw(str(number).encode(), NOON)
            await cursor.save(str(number))
        rests.append(True)
        await asyncio.Event().wait()

    stopping = source(fetch, edge(shelf))
    await running(lambda: rests, stopping)
    await stopping.outbox.settled()
    assert [record.value for record in cursors(shelf)] == [b"1", b"9"]


async def test_the_last_cursor_of_a_pass_is_written_at_its_end() -> None:
    shelf = Shelf()

    async def fetch(_: Settings, cursor: Cursor) -> AsyncIterator[Raw]:
        for number in range(9):
            yield Raw(str(number).encode(), NOON)
            await cursor.save(str(number))

    asleep: list[float] = []

    async def sleep(pause: float) -> None:
        asleep.append(pause)
        await asyncio.Event().wait()

    await running(
        lambda: asleep and len(cursors(shelf)) == 2, source(fetch, edge(shelf, sleep=sleep))
    )
    assert [record.value for record in cursors(shelf)] == [b"0", b"8"]


async def test_the_cursor_is_not_saved_while_a_payload_is_out() -> None:
    shelf = Shelf(weather=Retry("away"))
    at = edge(shelf)
    await running(
        lambda: at.meter.count("jcoc_edge_retries_total", source="test", world="broker") > 3,
        source(numbered(1), at),
    )
    assert shelf.records == []
    assert at.meter.count("jcoc_edge_cursor_saved_timestamp_seconds", source="test") == 0


async def test_a_restart_goes_on_after_the_cursor() -> None:
    shelf = Shelf()
    again = source(numbered(3), edge(shelf))
    again.saved = "2"
    await running(lambda: len(shelf.records) == 2, again)
    assert bodies(shelf) == [b"3"]


async def test_weather_at_the_source_is_waited_out_and_counted() -> None:
    shelf = Shelf()
    at = edge(shelf)
    tries: list[str | None] = []

    async def fetch(_: Settings, cursor: Cursor) -> AsyncIterator[Raw]:
        tries.append(cursor.value)
        if len(tries) < 3:
            raise Retry("no route to host")
        yield Raw(b"at last", NOON)

    await running(lambda: bodies(shelf), source(fetch, at))
    assert at.meter.count("jcoc_edge_retries_total", source="test", world="source") == 2
    assert at.meter.count("jcoc_edge_up", source="test") == 1


async def test_pauses_at_least_as_long_as_the_source_asks() -> None:
    pauses: list[float] = []

    async def sleep(pause: float) -> None:
        pauses.append(pause)
        await asyncio.sleep(0)

    weather = Retry("HTTP 429", after=timedelta(seconds=90))
    await running(lambda: pauses, source(failing(weather), edge(sleep=sleep)))
    assert pauses[0] >= 90


async def test_a_halt_of_the_source_ends_the_run() -> None:
    with pytest.raises(Halt, match="key refused"):
        await source(failing(Halt("key refused"))).run()


async def test_a_fetch_that_returns_is_called_again_after_its_interval() -> None:
    pauses: list[float] = []

    async def sleep(pause: float) -> None:
        pauses.append(pause)
        await no_pause(pause)

    async def fetch(_: Settings, __: Cursor) -> AsyncIterator[Raw]:
        yield Raw(b"page", NOON)

    polled = source(fetch, edge(sleep=sleep))
    polled.settings = Settings(interval=300)
    await running(lambda: len(pauses) == 2, polled)
    assert pauses == [300, 300]


async def test_a_fetch_is_closed_when_the_run_is_cancelled() -> None:
    closed = []

    async def fetch(_: Settings, __: Cursor) -> AsyncIterator[Raw]:
        try:
            yield Raw(b"1", NOON)
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    shelf = Shelf()
    await running(lambda: bodies(shelf), source(fetch, edge(shelf)))
    assert closed == [True]
