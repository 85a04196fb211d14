"""Run connectors: what their sources give goes to Kafka, until stopped."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import click
import structlog
from prometheus_client import start_http_server

from connectors.registry import discover, names
from core.manifest import Manifest
from core.privacy import Pseudonymizer
from edge.cursor import saved_cursors
from edge.heartbeat import TYPE, Encode, Heart
from edge.meter import Meter
from edge.runtime import Hooks, run
from edge.sink import KafkaSink
from edge.source import Edge, Source
from edge.webhook import Limits
from jcoc import reach
from jcoc.exits import Away
from jcoc.parameters import OneOf
from jcoc.settings import Settings, current
from wire.codec import Codec
from wire.config import Kafka
from wire.producer import producer
from wire.registry import Schemas, ensure_schemas
from wire.topics import ensure

LOOPBACK = "127.0.0.1"


@click.command()
@click.argument("named", nargs=-1, metavar="NAME...", type=OneOf("connector", names()))
@click.option("--all", "all_", is_flag=True, help="Every connector that has a setting of its own.")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve /metrics on this port.")
@click.option("--metrics-host", default=LOOPBACK, show_default=True, help="And on this address.")
@click.option("--webhook-port", type=click.IntRange(0, 65535), help="Over webhook.port; 0: any.")
def command(
    named: tuple[str, ...],
    metrics_port: int | None,
    metrics_host: str,
    webhook_port: int | None,
    *,
    all_: bool,
) -> None:
    """Run connectors: what their sources give goes to Kafka, until stopped.

    Several may share a process.  Those that are pushed to listen together, each at
    /hooks/NAME of the webhook receiver.  When Kafka is away, sources are held back.
    """
    settings = current({"webhook.port": webhook_port})
    chosen = _chosen(named, settings, all_=all_)
    _log_json()
    reach.wait_for(_until_stopped(chosen, settings, (metrics_host, metrics_port)))


def given(manifest: Manifest, settings: Settings) -> Any:
    """The connector's settings; a subscription that names no broker uses the one of `mqtt`."""
    own = settings.connector(manifest.name, manifest.settings)
    fields = set(manifest.settings.model_fields)
    where = {"host", "port"}
    known = any(settings.origin(f"mqtt.{name}") != "default" for name in where)
    free = where <= fields and not where & own.model_fields_set
    if manifest.kind == "subscribe" and known and free:
        return own.model_copy(update={"host": settings.mqtt.host, "port": settings.mqtt.port})
    return own


def _chosen(named: Sequence[str], settings: Settings, *, all_: bool) -> list[tuple[Manifest, Any]]:
    if bool(named) is all_:
        raise click.UsageError("say either the names of connectors or --all")
    if all_:
        named = [name for name, one in discover().items() if one.fetch or one.verify]
    chosen = []
    for name in dict.fromkeys(named):
        manifest = discover()[name]
        if not (manifest.fetch or manifest.verify):
            raise click.UsageError(f"{name} reads files: `jcoc import {name} FILE...`")
        own = given(manifest, settings)
        if all_ and not own.model_fields_set:
            click.echo(f"left out {name}: no JCOC_{name.upper()}__... is set", err=True)
        else:
            chosen.append((manifest, own))
    if not chosen:
        raise click.UsageError("no connector has a setting of its own; name those to run")
    return chosen


async def _until_stopped(
    chosen: Sequence[tuple[Manifest, Any]], settings: Settings, metrics: tuple[str, int | None]
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    meter = Meter()
    kafka = reach.kafka(settings)
    async with AsyncExitStack() as held:
        if metrics[1] is not None:
            _serve(held, meter, metrics[0], metrics[1])
        click.echo(f"connecting to Kafka at {kafka.bootstrap}", err=True)
        cursors = await _unless(stop, _ready(kafka, [manifest.name for manifest, _ in chosen]))
        if cursors is None:
            return
        sink = KafkaSink(partial(producer, kafka, patience_s=0))
        held.push_async_callback(sink.close)
        edge = Edge(sink, _pseudonymizer(settings), meter, Heart(meter))
        sources = [
            Source(manifest, own, edge, cursors.get(manifest.name)) for manifest, own in chosen
        ]
        schemas = await held.enter_async_context(reach.registry(settings))
        click.echo(f"connected: {', '.join(source.name for source in sources)}", err=True)
        await run(edge, sources, partial(_encoder, schemas), _hooks(settings), stop)
    sent = sum(meter.count("jcoc_edge_records_sent_total", source=one.name) for one in sources)
    click.echo(f"stopped; {sent:.0f} records sent", err=True)


async def _ready(kafka: Kafka, connectors: Sequence[str]) -> dict[str, str]:
    await ensure(kafka, connectors, patience_s=None)
    return await saved_cursors(kafka)


async def _unless(stop: asyncio.Event, work: Any) -> Any:
    """The result of `work`, or None when told to stop first."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    return None


async def _encoder(schemas: Schemas) -> Encode:
    return Codec(await ensure_schemas(schemas, (TYPE,)), schemas).encode


def _pseudonymizer(settings: Settings) -> Pseudonymizer:
    return Pseudonymizer(settings.privacy.key(), settings.privacy.pseudonym_version)


def _hooks(settings: Settings) -> Hooks:
    section = settings.webhook
    limits = Limits(body_bytes=min(section.max_body_bytes, Limits().body_bytes))
    return Hooks(section.host, section.port, limits, _tell)


def _tell(host: str, port: int) -> None:
    click.echo(f"webhooks on http://{host}:{port}/hooks/NAME", err=True)


def _serve(held: AsyncExitStack, meter: Meter, host: str, port: int) -> None:
    try:
        server, thread = start_http_server(port, host, meter.registry)
    except OSError as error:
        raise Away(f"cannot listen on {host}:{port}: {error}; choose another") from error
    held.callback(thread.join)
    held.callback(server.server_close)
    held.callback(server.shutdown)
    click.echo(f"metrics on http://{host}:{server.server_port}/metrics", err=True)


def _log_json() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(click.get_text_stream("stderr")),
    )
