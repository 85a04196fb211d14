"""Run simulated days in a row through the engine, and hold every row against their own truth."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from core.moment import HOUR
from jcoc.demo.bar import bar
from jcoc.exits import BadResult
from jcoc.kpi_rows import WIDE
from jcoc.parameters import OneOf
from sim.month import LITTLE, Month
from sim.post import KINDS


@click.command()
@click.option("--days", default=31, show_default=True, type=click.IntRange(1, 60), help="From 16 "
              "September 2026 on; the first 31 hold the end of a quarter.")  # fmt: skip
@click.option("--trouble", type=OneOf("trouble", KINDS), multiple=True,
              help="Only this trouble on the way, repeatable.  [default: all]")  # fmt: skip
@click.option("--calm", is_flag=True, help="No trouble on the way.")
@click.option("--scale", default=1.0, show_default=True, help="Size; 1 is 500 complaints …")
@click.option("--seed", default=1, show_default=True, help="Another seed, another month.")
@click.option("--every", default=6, show_default=True, type=click.IntRange(1, 24),
              help="Hours between two ticks; a divisor of 24.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="A JSON line for each KPI, then the verdict.")
def command(days: int, trouble: tuple[str, ...], *, calm: bool, scale: float, seed: int,
            every: int, as_json: bool) -> None:  # fmt: skip
    """Run simulated days through the engine in this process: no broker, no connectors.

    What happens comes late, twice, out of order and by wrong clocks, and sources fall silent.
    Exit 0 only if each row that was published of a window that ends in these days, in every scope,
    equals the ground truth as known when it became final (with value, status, completeness,
    companions and who is left out for which reason), and none is missing.
    """
    if calm and trouble:
        raise click.UsageError("--calm and --trouble: one of them")
    if 24 % every:
        raise click.BadParameter(f"{every} does not divide 24", param_hint="--every")
    # The engine takes a second to import; `--help` needs none of it.
    from jcoc.demo.month import run

    kinds = False if calm else (trouble or True)
    month = Month(seed=seed, days=days, scale=LITTLE.times(scale), trouble=kinds)
    with bar() as progress:
        outcome = run(month, every * HOUR, progress)
    verdict = outcome.verdict
    lines = [
        {"kpi": kpi, "compared": t.compared, "equal": t.compared - t.differ,
         "windows": sorted(t.windows), "scopes": sorted(t.scopes)}
        for kpi, t in sorted(verdict.tallies.items())
    ]  # fmt: skip
    if as_json:
        for line in lines:
            click.echo(json.dumps(line))
        said = {"good": verdict.good, "compared": verdict.compared,
                "differences": verdict.differences, "events": outcome.events,
                "published": outcome.published,
                "engine_seconds": round(outcome.engine_seconds, 1),
                "truth_seconds": round(outcome.truth_seconds, 1)}  # fmt: skip
        click.echo(json.dumps(said))
    else:
        shown = Table(box=None)
        for name in ("kpi", "compared", "equal", "windows", "scopes"):
            shown.add_column(name, justify="right" if name in ("compared", "equal") else "left")
        for line in lines:
            words = [" ".join(one) if isinstance(one, list) else str(one) for one in line.values()]
            shown.add_row(*words, style="" if line["compared"] == line["equal"] else "red")
        Console(width=None if Console().is_terminal else WIDE).print(shown)
        click.echo(
            f"{outcome.events} events, {outcome.published} rows published, {verdict.compared} rows "
            f"compared, {len(verdict.differences)} differ; engine {outcome.engine_seconds:.0f} s, "
            f"truth {outcome.truth_seconds:.0f} s"
        )
    if not verdict.good:
        told = verdict.differences[:12]
        raise BadResult("\n".join(["the days do not equal their truth", *told]))
