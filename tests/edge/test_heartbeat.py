"""A quiet source that is alive is told from a dead one."""

import asyncio
from collections.abc import AsyncIterator

from core import contract, moment
from core.manifest import Cursor, Raw
from core.outcome import Retry
from edge.heartbeat import Heart, heartbeat
from edge.meter import Meter
from edge.outbox import Outbox
from edge.sink import Record, Shelf
from tests.edge.sources import NOON, Settings, edge, failing, source
from tests.edge.test_source import running


async def beaten(heart: Heart) -> list[Record]:
    shelf = Shelf()
    box = Outbox("heartbeats", shelf, Meter())
    task = asyncio.create_task(heart.beat(box, contract.encode))
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await box.settled()
    return shelf.records


def test_every_heartbeat_of_a_minute_is_the_same_event() -> None:
    assert heartbeat("sikesal", NOON) == heartbeat("sikesal", NOON + moment.MINUTE - 1)
    assert heartbeat("sikesal", NOON).event_id == "source:heartbeat:sikesal:2026-03-02T05:00:00Z"


def test_a_heartbeat_fits_the_contract() -> None:
    assert contract.flaw(heartbeat("sikesal", NOON)) is None


async def test_each_source_beats_once_a_minute_however_often_it_is_heard() -> None:
    clock = [NOON]
    heart = Heart(Meter(), lambda: clock[0])
    for name in ("frigate", "frigate", "sikesal"):
        heart.heard(name)
    clock[0] += moment.MINUTE
    heart.heard("frigate")
    events = [contract.decode("source.heartbeat", one.value) for one in await beaten(heart)]
    assert [(one.source, one.occurred_at) for one in events] == [
        ("frigate", NOON),
        ("sikesal", NOON),
        ("frigate", NOON + moment.MINUTE),
    ]


async def test_heartbeats_are_keyed_by_their_source() -> None:
    heart = Heart(Meter(), lambda: NOON)
    heart.heard("frigate")
    (sent,) = await beaten(heart)
    assert (sent.topic, sent.key) == ("city.source.heartbeat", b"frigate")


async def test_an_idle_subscription_can_tell_that_it_is_alive() -> None:
    async def fetch(_: Settings, cursor: Cursor) -> AsyncIterator[Raw]:
        cursor.alive()
        await asyncio.Event().wait()
        yield Raw(b"never", NOON)

    at = edge()
    heard = "jcoc_edge_source_heard_timestamp_seconds"
    await running(lambda: at.meter.count(heard, source="test"), source(fetch, at))
    assert len(await beaten(at.heart)) == 1


async def test_a_source_that_is_away_does_not_beat() -> None:
    at = edge()
    retries = "jcoc_edge_retries_total"
    away = source(failing(Retry("away")), at)
    await running(lambda: at.meter.count(retries, source="test", world="source"), away)
    assert await beaten(at.heart) == []
