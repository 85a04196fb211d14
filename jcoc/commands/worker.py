"""Run a stream worker: normalize, fold, join, publish."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.topics import STAGES
from jcoc import reach
from jcoc.reference_tables import put_shipped
from jcoc.settings import Settings, current
from wire.config import Kafka


@click.command()
@click.option(
    "--clock", type=click.Choice(["wall", "none"]), help="Who ticks: this worker, or the source."
)
@click.option("--datadir", type=click.Path(path_type=Path), help="Folder of this worker process.")
@click.option("--instance", help="Lasting name: a restart keeps its partitions.")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve /metrics on this port.")
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="And on this address.")
@click.option("--group", default="jcoc-worker", show_default=True, help="Kafka consumer group.")
@click.option(
    "--session-timeout",
    type=click.FloatRange(6, 90),
    default=20.0,
    show_default=True,
    help="Seconds of silence after which a worker's partitions move to the others.",
)
@click.option(
    "--stages",
    type=click.Choice(STAGES),
    multiple=True,
    default=STAGES,
    show_default=True,
    help="Only these stages; repeat.  Others must run elsewhere in a group of their own.",
)
@click.option(
    "--shipped-tables",
    is_flag=True,
    help="First load the reference tables that shipped, unless others were, as `jcoc up` does.",
)
def command(
    clock: str | None,
    datadir: Path | None,
    instance: str | None,
    metrics_port: int | None,
    metrics_host: str,
    group: str,
    session_timeout: float,
    stages: tuple[str, ...],
    *,
    shipped_tables: bool,
) -> None:
    """Run one worker until stopped; start as many as there are cores, partitions move.

    Logs are JSON lines on stderr.  Exit 1: something is wrong with us, see the last log line.
    """
    # Faust takes a second to import, and only this command needs it.
    from streams.worker import run

    settings = current(
        {"worker.clock": clock, "worker.datadir": datadir, "worker.instance": instance}
    )
    cluster = reach.kafka(settings)
    if shipped_tables:
        reach.wait_for(_tables(cluster, settings))
    sys.exit(
        run(
            cluster,
            settings.registry.address(),
            settings.worker.datadir,
            wall_clock=settings.worker.clock == "wall",
            metrics_port=metrics_port,
            metrics_host=metrics_host,
            group=group,
            session_timeout_s=session_timeout,
            instance=settings.worker.instance,
            stages=stages,
        )
    )


async def _tables(cluster: Kafka, settings: Settings) -> None:
    async with reach.registry(settings) as schemas:
        await put_shipped(cluster, schemas)
