"""The composite score of the city from what is published."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from core.kpi import Kpi
from core.kpis import all_kpis
from core.rows import KpiRow
from core.score import score
from jcoc.commands.kpis import Choice, newest, published, standing
from jcoc.exits import BadResult
from jcoc.parameters import MOMENT
from jcoc.reach import wait_for
from jcoc.settings import current

PREFERRED = ("28d", "90d", "month", "1d")
"""Which window of a KPI is read: the first of these that it has."""


@click.command()
@click.option("--as-of", type=MOMENT, help="As it was published at this time, RFC 3339.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(as_of: int | None, *, as_json: bool) -> None:
    """Show how far the city's KPIs reach their targets: one score, and what it hides.

    Each KPI counts with the newest closed window of 28 days (of 90 days, the month or the day where
    it has none) at city scope, from 0 to 1.25 of its target; each principle weighs the same.
    Without enough sound KPIs there is no score, and it says why.  See the catalogue, section 7.
    """
    rows, flaws = wait_for(published(current(), Choice((), "city", None, as_of)))
    if flaws:
        raise BadResult("\n".join(flaws))
    found = score(all_kpis(), latest(newest(standing(rows))))
    told = {
        "score": found.value,
        "suppressed": found.suppressed,
        "coverage": found.coverage,
        "weakest": found.weakest,
        "below_target": found.below_target,
        "principles": dict(found.principles),
        "kpis": dict(found.kpis),
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    shown = Table(box=None)
    for heading in ("principle / KPI", "share of target"):
        shown.add_column(heading)
    for name, share in (*found.principles.items(), *found.kpis.items()):
        shown.add_row(name, share)
    console = Console()
    console.print(f"skor / score: {found.value or 'tidak ada / none'}")
    if found.suppressed:
        console.print(found.suppressed, markup=False)
    console.print(f"cakupan / coverage: {found.coverage}; terlemah / weakest: {found.weakest}")
    console.print(shown)


def latest(rows: list[KpiRow]) -> dict[str, KpiRow]:
    """The row that speaks for each KPI."""
    return {kpi.id: row for kpi in all_kpis() if (row := _speaks(kpi, rows)) is not None}


def _speaks(kpi: Kpi, rows: list[KpiRow]) -> KpiRow | None:
    kind = next((kind for kind in PREFERRED if kind in kpi.windows), kpi.windows[0])
    return next((row for row in rows if row.kpi == kpi.id and row.window == kind), None)
