"""Run a simulated day of Jambi through every part, and hold it against its own truth."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import tempfile
import time
from pathlib import Path

import click

from jcoc import kpi_rows
from jcoc.demo.bar import bar
from jcoc.exits import BadResult
from jcoc.settings import current
from jcoc.stack.local import PARTS, LocalStack
from jcoc.stack.progress import downloads


@click.command()
@click.option("--scale", default=0.5, show_default=True, help="Size; 1 is 53,000 messages.")
@click.option("--days", default=1, show_default=True, type=click.IntRange(1, 31),
              help="Up to 20 November 2026; of several days cameras see some minutes.")  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="Another seed, another day.")
@click.option("--json", "as_json", is_flag=True, help="KPI rows as JSON lines, then the verdict.")
@click.option("--keep", is_flag=True, help="Leave data and logs in a folder, and say where.")
def command(scale: float, days: int, seed: int, *, as_json: bool, keep: bool) -> None:
    """Run simulated days through MQTT, webhooks, Kafka, Faust and the exporter.

    Exit 0 only if every row that was published, in every scope, equals the simulator's own ground
    truth, which is computed apart from the engine (with value, status, completeness, companions
    and who is left out), and the auditor's replay gives the same rows bit for bit.
    """
    # Faust and the simulator take a second to import; the other commands need neither.
    from jcoc.demo.day import run, simulated
    from jcoc.demo.parts import Parts
    from jcoc.demo.replayed import replayed

    # A coordinator that is still starting is no news to who watches a day go by.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    started = time.monotonic()
    home = current().stack
    folder = Path(tempfile.mkdtemp(prefix="jcoc-demo-"))
    with downloads() as fetching:
        stack = LocalStack(folder, home.home, repository=home.repository, progress=fetching)
        parts = Parts(stack, folder)
        try:
            stack.start(PARTS)
            with bar() as progress:
                outcome = asyncio.run(run(parts, simulated(scale, seed, days), progress))
                progress("replay", 1.0)
                replay = replayed(parts)
        finally:
            parts.end()
            if keep:
                click.echo(f"data and logs: {folder}", err=True)
            else:
                shutil.rmtree(folder, ignore_errors=True)
    verdict = outcome.verdict
    told = [
        *verdict.differences,
        *outcome.unbalanced,
        *(f"not on /metrics: {kpi}" for kpi in outcome.not_exported),
    ]
    good = verdict.good and not told and replay.good
    if as_json:
        for row in verdict.rows:
            click.echo(kpi_rows.to_line(row))
        click.echo(
            json.dumps(
                {
                    "good": good,
                    "compared": verdict.compared,
                    "differences": verdict.differences,
                    "not_exported": outcome.not_exported,
                    "unbalanced": outcome.unbalanced,
                    "replay": replay.counts,
                    "published": outcome.published,
                    "payloads": outcome.payloads,
                    "seconds": round(time.monotonic() - started, 1),
                    "memory_bytes": outcome.memory_bytes,
                }
            )
        )
    else:
        kpi_rows.show(kpi_rows.newest(verdict.rows))
        click.echo(
            f"{outcome.payloads} payloads, {outcome.published} rows published, "
            f"{verdict.compared} rows compared with the simulator's truth, "
            f"{len(verdict.differences)} differ; replay: {replay.counts}; "
            f"{time.monotonic() - started:.0f} s, {outcome.memory_bytes / 2**20:.0f} MiB"
        )
    if not good:
        raise BadResult("\n".join(["it does not equal its truth", *told[:12], *replay.told]))
    if not as_json:
        click.echo("Verdict: every published KPI equals the simulator's ground truth.")
