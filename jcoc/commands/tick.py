"""Advance event time by hand: write one clock tick."""

from __future__ import annotations

import time

import click

from core import moment, topics
from jcoc.parameters import MOMENT
from jcoc.reach import PATIENCE_S, kafka, registry, wait_for
from jcoc.settings import Settings, current
from wire.clock import latest, ticker
from wire.codec import Codec
from wire.registry import ensure_schemas


@click.command()
@click.option("--at", type=MOMENT, help="Event time to advance to, RFC 3339.")
@click.option("--now", "now_", is_flag=True, help="Advance to the minute that has just begun.")
@click.option("--source", default="jcoc", show_default=True, help="Who says so.")
def command(at: int | None, source: str, *, now_: bool) -> None:
    """Advance event time by hand: write one clock tick.

    For imports and tests; a running worker ticks by itself.  Windows that end at or before the
    tick close, so a tick cannot be taken back, and an earlier one than the last is refused.
    """
    if (at is None) is not now_:
        raise click.UsageError("say either --at or --now")
    minute = time.time_ns() // 1000 // moment.MINUTE * moment.MINUTE
    wait_for(_tick(current(), minute if at is None else at, source))


async def _tick(settings: Settings, at: int, source: str) -> None:
    cluster = kafka(settings)
    async with registry(settings) as schemas:
        ids = await ensure_schemas(schemas, (topics.TICK,), patience_s=PATIENCE_S)
        last = await latest(cluster, Codec(ids, schemas))
        if last is not None and at < last:
            raise click.UsageError(
                f"event time already is {moment.rfc3339(last)} and does not go back to "
                f"{moment.rfc3339(at)}"
            )
        async with ticker(cluster, ids, source, patience_s=PATIENCE_S) as clock:
            await clock.tick(at)
    click.echo(moment.rfc3339(at))
