"""KPI rows as people and scripts see them: one table, one JSON format, for every command."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from rich.console import Console
from rich.table import Table

from core import moment
from core.rows import Finality, KpiRow, Status

WIDE = 170
"""Columns that the table needs; rich would assume 80 for a pipe and fold the numbers away."""
_LINE = msgspec.json.Encoder()


def to_line(row: KpiRow) -> str:
    """One JSON line of the scripting format, without the newline."""
    return msgspec.json.format(_LINE.encode(row.to_json()), indent=0).decode()


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
