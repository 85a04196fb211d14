"""All connectors of a process start, stop and halt together."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from core import contract
from core.outcome import Halt
from core.webhook_signature import signed_headers
from edge import runtime
from edge.heartbeat import Encode
from edge.runtime import Hooks, run
from edge.sink import Shelf
from edge.source import Source
from tests.edge.sources import NOON, SECRET, edge, failing, numbered, pushed, source, until


async def encoder() -> Encode:
    return contract.encode


async def while_running(
    sources: list[Source], doing: Callable[[], Awaitable[None]], hooks: Hooks | None = None
) -> None:
    stop = asyncio.Event()
    hooks = hooks or Hooks("127.0.0.1", 0)
    task = asyncio.create_task(run(sources[0].edge, sources, encoder, hooks, stop))
    try:
        await doing()
    finally:
        stop.set()
        await task


async def test_a_stop_leaves_nothing_unacknowledged() -> None:
    shelf = Shelf()
    reader = source(numbered(3), edge(shelf))

    async def read() -> None:
        await until(lambda: b"3" in {record.value for record in shelf.records})

    await while_running([reader], read)
    assert reader.outbox.unacknowledged == 0
    assert reader.edge.meter.count("jcoc_edge_up", source="test") == 0


async def test_a_receiver_that_is_up_beats_for_its_source() -> None:
    shelf = Shelf()

    async def beat() -> None:
        await until(lambda: shelf.records)

    await while_running([pushed(edge(shelf))], beat)
    assert [record.topic for record in shelf.records] == ["city.source.heartbeat"]


async def test_it_receives_at_the_port_that_it_tells() -> None:
    shelf = Shelf()
    ports: list[int] = []

    async def push() -> None:
        await until(lambda: ports)
        headers = signed_headers(SECRET, "msg_1", NOON, b"{}")
        url = f"http://127.0.0.1:{ports[0]}/hooks/test"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json={}, headers=headers) as answer,
        ):
            assert answer.status == 204

    hooks = Hooks("127.0.0.1", 0, listening=lambda _, port: ports.append(port))
    await while_running([pushed(edge(shelf))], push, hooks)
    assert "raw.test" in {record.topic for record in shelf.records}


async def test_a_halt_of_one_stops_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "GRACE_S", 0.1)

    shared = edge()
    sources = [source(numbered(1), shared), source(failing(Halt("key refused")), shared)]
    with pytest.raises(Halt, match="key refused"):
        await run(shared, sources, encoder, Hooks("127.0.0.1", 0), asyncio.Event())


async def test_a_taken_port_is_told() -> None:
    server = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(Halt, match=f"127.0.0.1:{port}.*JCOC_WEBHOOK__PORT"):
            await run(edge(), [pushed()], encoder, Hooks("127.0.0.1", port), asyncio.Event())
