"""The HTTP edge: `/metrics` for Prometheus, `/-/healthy` and `/-/ready` for whoever starts us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from core import topics
from core.kpi import Kpi
from streams.exporter import official
from streams.exporter.feed import Feed
from streams.exporter.intake import Scopes
from streams.exporter.metrics import Page
from streams.exporter.official import Official
from streams.exporter.reader import follow
from wire.config import Kafka


async def run(
    kafka: Kafka,
    kpis: Iterable[Kpi],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    topic: str = topics.PUBLISHED,
    registry_url: str | None = None,
    ready: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve until cancelled; `ready` is told the port, which the system chooses for port 0.

    Without a schema registry the official indices are those that shipped.

    Raises OSError when the port is taken, Halt when Kafka refuses us for good.
    """
    known = tuple(kpis)
    feed, indices = Feed(), Official()
    async with serving(page(feed, known, indices), feed, host=host, port=port) as chosen:
        ready(chosen)
        async with _beside(kafka, registry_url, indices):
            await follow(kafka, feed, scopes(known), topic)


@asynccontextmanager
async def _beside(kafka: Kafka, registry_url: str | None, indices: Official) -> AsyncIterator[None]:
    """Look for other official indices as long as the rows are followed."""
    if registry_url is None:
        yield
        return
    looking = asyncio.create_task(official.follow(kafka, registry_url, indices))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait({looking})


def page(feed: Feed, kpis: Iterable[Kpi], indices: Official | None = None) -> CollectorRegistry:
    """A registry with nothing but our page: no metrics of the process or of Python."""
    registry = CollectorRegistry()
    registry.register(Page(feed, tuple(kpis), indices or Official()))
    return registry


def scopes(kpis: Iterable[Kpi]) -> Scopes:
    """Scope types by KPI, for `intake`."""
    return {kpi.id: frozenset(kpi.scopes) for kpi in kpis}


@asynccontextmanager
async def serving(
    registry: CollectorRegistry, feed: Feed, *, host: str, port: int
) -> AsyncIterator[int]:
    """An HTTP server on `host`; yields its port."""
    app = web.Application()
    app.router.add_get("/metrics", _metrics(registry))
    app.router.add_get("/-/healthy", _healthy)
    app.router.add_get("/-/ready", _ready(feed))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


Handler = Callable[[web.Request], Any]


def _metrics(registry: CollectorRegistry) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        # Same loop as the reader: the page is never built from a half-taken batch.
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(registry), headers={"Content-Type": content_type})

    return answer


async def _healthy(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _ready(feed: Feed) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        if feed.shown is None:
            return web.Response(status=503, text="reading kpi.published from its beginning\n")
        return web.Response(text="ok\n")

    return answer
