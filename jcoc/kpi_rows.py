"""KPI rows as people and scripts see them: one table, one JSON format, for every command."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from core import moment
from core.ranking import Ranked
from core.reference import RANKED_CASES
from core.rows import Finality, KpiRow, Status

WIDE = 170
"""Columns that the table needs; rich would assume 80 for a pipe and fold the numbers away."""
_AT_ONCE = 1_000
_LINE = msgspec.json.Encoder()


def to_line(row: KpiRow) -> str:
    """One JSON line of the scripting format, without the newline."""
    return msgspec.json.format(_LINE.encode(row.shown()), indent=0).decode()


def print_lines(rows: Iterable[KpiRow]) -> None:
    """One to a line, many at a time: standard output may be unbuffered, and there are very many."""
    lines = map(to_line, rows)
    while some := list(islice(lines, _AT_ONCE)):
        sys.stdout.write("\n".join(some) + "\n")


def newest(rows: list[KpiRow]) -> list[KpiRow]:
    """The last closed window of each KPI, kind of window and scope.

    A window is closed once a tick at or after its end asked for it.
    """
    found: dict[tuple[str, ...], KpiRow] = {}
    for row in rows:
        series = (row.kpi, row.window, row.scope_type, row.scope_id)
        before = found.get(series)
        closed = row.as_of >= row.window_end
        if closed and (before is None or row.window_start > before.window_start):
            found[series] = row
    return list(found.values())


def to_ranked(one: Ranked) -> dict[str, Any]:
    """The scripting format with the place and the bounds of the 95 % interval in percent."""
    bounds = {"rank": one.place, "low_95": _percent(one.low), "high_95": _percent(one.high)}
    return {**one.row.to_json(), **bounds}


def ranking(ranked: Iterable[Ranked]) -> Table:
    """Places, best first, with the interval that each number stands for."""
    shown = Table(box=None)
    for name in ("kpi", "window", "until (WIB)", "scope"):
        shown.add_column(name, no_wrap=name != "kpi", overflow="fold")
    for name in ("rank", "value", "95 % interval", "of"):
        shown.add_column(name, justify="right")
    for place, row, low, high in ranked:
        shown.add_row(
            row.kpi,
            row.window,
            _wib(row.window_end),
            f"{row.scope_type}:{row.scope_id}",
            str(place),
            row.value,
            f"{_percent(low)} – {_percent(high)}",
            f"{row.numerator}/{row.denominator}",
        )
    return shown


def show_ranking(ranked: Iterable[Ranked]) -> None:
    """Print the places; into a file or pipe as wide as it needs to be."""
    known = list(ranked)
    width = None if Console().is_terminal else WIDE
    none = (
        f"[dim]nothing to rank: no percentage of {RANKED_CASES} cases or more below the city[/dim]"
    )
    Console(width=width).print(ranking(known) if known else none)


def _percent(share: Decimal) -> str:
    return str(share.quantize(Decimal("0.01"), ROUND_HALF_UP))


def table(rows: Iterable[KpiRow]) -> Table:
    """The same rows for reading; what is not ok or not final stands out."""
    shown = Table(box=None)
    for name in ("kpi", "window", "scope", "until (WIB)"):
        shown.add_column(name, no_wrap=name != "kpi", overflow="fold")
    for name in ("value", "of", "status", "finality", "rev", "complete"):
        shown.add_column(name, justify="right" if name in ("value", "of", "rev") else "left")
    for row in rows:
        shown.add_row(
            row.kpi,
            row.window,
            ":".join(part for part in (row.scope_type, row.scope_id) if part),
            _wib(row.window_end),
            row.value if row.value is not None else "–",
            f"{row.numerator}/{row.denominator}",
            row.status.value,
            row.finality.value,
            str(row.revision),
            row.completeness,
            style=_style(row),
        )
    return shown


def _style(row: KpiRow) -> str:
    if row.status is not Status.OK:
        return "yellow"
    return "" if row.finality is Finality.FINAL else "dim"


def show(rows: Iterable[KpiRow]) -> None:
    """Print the table; into a file or pipe as wide as it needs to be."""
    known = list(rows)
    width = None if Console().is_terminal else WIDE
    shown = table(known) if known else "[dim]nothing published yet[/dim]"
    Console(width=width).print(shown)


def _wib(end: int) -> str:
    """Civil time in Jambi of a window's end; midnight belongs to the day that it closes."""
    local = moment.to_datetime(end + moment.WIB)
    if local.hour == local.minute == 0:
        return f"{moment.to_datetime(end + moment.WIB - 1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def order(row: KpiRow) -> tuple[str, str, str, str, int, int]:
    """Sort key: by KPI, scope, window, then time."""
    scope = (row.scope_type, row.scope_id)
    return (row.kpi, *scope, row.window, row.window_start, row.revision)
