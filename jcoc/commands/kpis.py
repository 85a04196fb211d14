"""Show published KPIs: each window's latest revision."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click

from core import topics
from core.kpis import by_id
from core.rows import KpiRow
from jcoc.exits import BadResult
from jcoc.kpi_rows import order, show, to_line
from jcoc.parameters import OneOf
from jcoc.reach import PATIENCE_S, kafka, wait_for
from jcoc.settings import Settings, current
from wire.reader import read

Identity = tuple[str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows to show; None is every one."""

    kpis: tuple[str, ...]
    scope: str | None
    window: str | None

    def takes(self, row: KpiRow) -> bool:
        """Whether the row is one of them."""
        scopes = (row.scope_type, f"{row.scope_type}:{row.scope_id}")
        return (
            (not self.kpis or row.kpi in self.kpis)
            and (self.scope is None or self.scope in scopes)
            and (self.window is None or row.window == self.window)
        )


def _windows() -> set[str]:
    return {window for kpi in by_id().values() for window in kpi.windows}


@click.command()
@click.option(
    "--kpi", "kpis", type=OneOf("KPI", by_id()), multiple=True, help="Only this KPI; repeatable."
)
@click.option("--scope", metavar="TYPE[:ID]", help="Only this kind of scope, or this one scope.")
@click.option("--window", type=OneOf("window", _windows()), help="Only this kind of window.")
@click.option("--all", "every", is_flag=True, help="Every window, not only the newest closed one.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
def command(
    kpis: tuple[str, ...],
    scope: str | None,
    window: str | None,
    *,
    every: bool,
    as_json: bool,
) -> None:
    """Show published KPIs: the newest closed window of each, in its latest revision.

    Exits 1 when the log holds something else than rows, or two rows for one revision.
    """
    rows, flaws = wait_for(_published(current(), Choice(kpis, scope, window)))
    shown = sorted(rows if every else newest(rows), key=order)
    if as_json:
        sys.stdout.writelines(to_line(row) + "\n" for row in shown)
    else:
        show(shown)
    if flaws:
        raise BadResult("\n".join(flaws))


async def _published(settings: Settings, choice: Choice) -> tuple[list[KpiRow], list[str]]:
    latest: dict[Identity, KpiRow] = {}
    flaws: list[str] = []
    async for record in read(kafka(settings), [topics.PUBLISHED], patience_s=PATIENCE_S):
        where = f"{topics.PUBLISHED}/{record.partition}/{record.offset}"
        try:
            row = KpiRow.from_record(record.value or b"")
        except (ValueError, KeyError, TypeError) as error:
            flaws.append(f"{where} is no KPI row: {error!r}")
            continue
        if choice.takes(row) and (flaw := add(latest, row)):
            flaws.append(f"{where}: {flaw}")
    return list(latest.values()), flaws


def add(latest: dict[Identity, KpiRow], row: KpiRow) -> str | None:
    """Keep the row when its revision is newer; say so when it contradicts the one that is kept.

    A row that is published again after a crash is the same row, and no flaw.
    """
    kept = latest.get(row.identity)
    if kept is None or row.revision > kept.revision:
        latest[row.identity] = row
    elif row.revision == kept.revision and row.to_json() != kept.to_json():
        return f"revision {row.revision} of {row.identity} was published with another content"
    return None


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
