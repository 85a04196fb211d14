"""Serve the KPIs on /metrics for Prometheus."""

from __future__ import annotations

import asyncio
import signal

import click

from core.kpis import all_kpis
from jcoc import reach
from jcoc.exits import Away
from jcoc.logs import log_json
from jcoc.settings import Settings, current
from streams.exporter.server import run


@click.command()
@click.option("--host", help="Address to listen on.  [default: exporter.host, loopback]")
@click.option("--port", type=click.IntRange(0, 65535), help="TCP port; 0 chooses a free one.")
def command(host: str | None, port: int | None) -> None:
    """Serve the latest closed window of every KPI on /metrics, until stopped.

    Reads `kpi.published` from its beginning; when Kafka is away the last values stay and
    jcoc_exporter_up says 0.  /-/ready answers 200 once the history has been read.
    """
    settings = current({"exporter.host": host, "exporter.port": port})
    log_json()
    try:
        asyncio.run(_until_stopped(settings))
    except OSError as error:
        where = f"{settings.exporter.host}:{settings.exporter.port}"
        raise Away(f"cannot listen on {where}: {error}; choose another --port") from error


async def _until_stopped(settings: Settings) -> None:
    serving = asyncio.ensure_future(
        run(
            reach.kafka(settings),
            all_kpis(),
            host=settings.exporter.host,
            port=settings.exporter.port,
            registry_url=settings.registry.url or None,
            ready=lambda port: click.echo(
                f"metrics on http://{settings.exporter.host}:{port}/metrics", err=True
            ),
        )
    )
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        click.echo("stopped", err=True)
