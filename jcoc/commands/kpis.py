"""Show published KPIs: each window's latest revision."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import click

from core import topics
from core.kpis import by_id
from core.ranking import Ranked, ranked
from core.rows import Identity, KpiRow
from jcoc.exits import BadResult
from jcoc.kpi_rows import newest, order, print_lines, show, show_ranking, to_ranked
from jcoc.parameters import MOMENT, OneOf
from jcoc.reach import PATIENCE_S, kafka, wait_for
from jcoc.settings import Settings, current
from wire.reader import read


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows to show; None is every one.  `as_of`: only what was published by this tick."""

    kpis: tuple[str, ...]
    scope: str | None
    window: str | None
    as_of: int | None = None

    def takes(self, row: KpiRow) -> bool:
        """Whether the row is one of them."""
        scopes = (row.scope_type, f"{row.scope_type}:{row.scope_id}")
        return (
            (not self.kpis or row.kpi in self.kpis)
            and (self.scope is None or self.scope in scopes)
            and (self.window is None or row.window == self.window)
            and (self.as_of is None or row.as_of <= self.as_of)
        )


def _windows() -> set[str]:
    return {window for kpi in by_id().values() for window in kpi.windows}


@click.command()
@click.option(
    "--kpi", "kpis", type=OneOf("KPI", by_id()), multiple=True, help="Only this KPI; repeatable."
)
@click.option("--scope", metavar="TYPE[:ID]", help="Only this kind of scope, or this one scope.")
@click.option("--window", type=OneOf("window", _windows()), help="Only this kind of window.")
@click.option("--as-of", type=MOMENT, help="As it was published at this time, RFC 3339.")
@click.option("--first", is_flag=True, help="As each window was first published, not as known now.")
@click.option("--all", "every", is_flag=True, help="Every window, not only the newest closed one.")
@click.option("--rank", is_flag=True, help="Scopes of 20 cases or more in order, best first.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
def command(
    kpis: tuple[str, ...],
    scope: str | None,
    window: str | None,
    as_of: int | None,
    *,
    first: bool,
    every: bool,
    rank: bool,
    as_json: bool,
) -> None:
    """Show published KPIs: the newest closed window of each, in its latest revision.

    With --as-of the revisions are those that stood at that time of the clock; with --first each
    window shows its first revision, whatever came to be known later.

    With --rank the scopes below the city are put in order, for percentages with a direction: by the
    lower bound of the 95 % Wilson interval, so that few cases make no winner.  What has fewer than
    20 cases, is not ok, or is of a kelurahan has no place.

    Exits 1 when the log holds something else than rows, or two rows for one revision.
    """
    rows, flaws = wait_for(published(current(), Choice(kpis, scope, window, as_of)))
    wanted = standing(rows, first=first)
    shown = sorted(wanted if every else newest(wanted), key=order)
    if rank:
        _rank(ranked(shown), as_json=as_json)
    elif as_json:
        print_lines(shown)
    else:
        show(shown)
    if flaws:
        raise BadResult("\n".join(flaws))


def _rank(places: list[Ranked], *, as_json: bool) -> None:
    if as_json:
        dump = json.JSONEncoder(ensure_ascii=False).encode
        sys.stdout.writelines(dump(to_ranked(one)) + "\n" for one in places)
    else:
        show_ranking(places)


async def published(settings: Settings, choice: Choice) -> tuple[list[KpiRow], list[str]]:
    """Every chosen revision once, and what is wrong with the log."""
    known: dict[tuple[Identity, int], KpiRow] = {}
    flaws: list[str] = []
    async for record in read(kafka(settings), [topics.PUBLISHED], patience_s=PATIENCE_S):
        where = f"{topics.PUBLISHED}/{record.partition}/{record.offset}"
        try:
            row = KpiRow.from_record(record.value or b"")
        except (ValueError, KeyError, TypeError) as error:
            flaws.append(f"{where} is no KPI row: {error!r}")
            continue
        if choice.takes(row) and (flaw := add(known, row)):
            flaws.append(f"{where}: {flaw}")
    return list(known.values()), flaws


def add(known: dict[tuple[Identity, int], KpiRow], row: KpiRow) -> str | None:
    """Keep the revision; say so when it contradicts the one that is kept.

    A row that is published again after a crash is the same row, and no flaw.
    """
    kept = known.setdefault((row.identity, row.revision), row)
    if row.to_json() != kept.to_json():
        return f"revision {row.revision} of {row.identity} was published with another content"
    return None


def standing(rows: list[KpiRow], *, first: bool = False) -> list[KpiRow]:
    """One revision of each window: the last, or the first."""
    ordered = sorted(rows, key=lambda row: row.revision, reverse=first)
    return list({row.identity: row for row in ordered}.values())
