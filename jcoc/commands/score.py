"""The composite score of the city as it was published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from core import moment
from core.kpis.composite import jcoc_score
from core.rows import KpiRow
from jcoc.commands.kpis import Choice, published, standing
from jcoc.exits import BadResult
from jcoc.kpi_rows import newest
from jcoc.parameters import MOMENT, OneOf
from jcoc.reach import wait_for
from jcoc.settings import current

_SHARE = "share:"


@click.command()
@click.option(
    "--window",
    type=OneOf("window", jcoc_score.windows),
    default=jcoc_score.windows[0],
    show_default=True,
    help="Kind of window.",
)
@click.option("--as-of", type=MOMENT, help="As it was published at this time, RFC 3339.")
@click.option("--first", is_flag=True, help="As it was first published, not as known now.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(window: str, as_of: int | None, *, first: bool, as_json: bool) -> None:
    """Show how far the city's KPIs reach their targets: one score, and what it hides.

    It is the newest published row of jcoc_score.  Each KPI counts from 0 to 1.25 of its target,
    each principle weighs the same.  Without enough sound KPIs there is no score, and it says why.
    See the manual in docs/kpis.md.  Exits 1 when none was published.
    """
    choice = Choice((jcoc_score.id,), None, window, as_of)
    rows, flaws = wait_for(published(current(), choice))
    if flaws:
        raise BadResult("\n".join(flaws))
    told = _told(newest(standing(rows, first=first)))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show(told)


def _told(rows: Sequence[KpiRow]) -> dict[str, Any]:
    city = next((row for row in rows if row.scope_type == "city"), None)
    if city is None:
        raise BadResult("no score was published: `jcoc kpis --kpi jcoc_score --all` lists them")
    same = [row for row in rows if row.window_end == city.window_end and row is not city]
    return {
        "score": city.value,
        "suppressed": city.details.get("reason"),
        "coverage": city.companions["coverage"],
        "weakest": city.details.get("weakest"),
        "below_target": city.details["below_target"],
        "principles": {row.scope_id: row.value for row in same},
        "kpis": {
            name.removeprefix(_SHARE): number
            for name, number in city.companions.items()
            if name.startswith(_SHARE)
        },
        "window": city.window,
        "window_end": moment.rfc3339(city.window_end),
        "finality": city.finality.value,
        "revision": city.revision,
    }


def _show(told: dict[str, Any]) -> None:
    shown = Table(box=None)
    for heading in ("principle / KPI", "share of target"):
        shown.add_column(heading)
    for name, share in (*told["principles"].items(), *told["kpis"].items()):
        shown.add_row(name, share or "–")
    console = Console()
    console.print(f"skor / score: {told['score'] or 'tidak ada / none'}")
    if told["suppressed"]:
        console.print(told["suppressed"], markup=False)
    console.print(
        f"{told['window']} sampai / until {told['window_end']}, {told['finality']}, "
        f"revisi / revision {told['revision']}",
        highlight=False,
    )
    console.print(f"cakupan / coverage: {told['coverage']}; terlemah / weakest: {told['weakest']}")
    console.print(shown)
