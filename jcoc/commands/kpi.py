"""Look into one KPI: what it is, and what a published number of it is made of."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click
from rich.console import Console
from rich.table import Table

from audit.beginnings import Beginning, beginnings
from audit.contributions import contributions
from audit.explanation import Explanation
from audit.replay import Replay
from audit.unexpected import Oddity, oddities
from core.kpi import OF_ROWS, Kpi
from core.kpis import by_id
from core.law import Recomputed, moved
from core.rows import KpiRow
from jcoc.commands.kpis import Choice, published
from jcoc.commands.replay import city, partitions
from jcoc.exits import BadResult
from jcoc.kpi_rows import WIDE, order, table
from jcoc.parameters import MOMENT, OneOf
from jcoc.reach import wait_for
from jcoc.settings import Settings, current


@click.group()
def command() -> None:
    """Look into one KPI: what it is, and what a published number of it is made of."""


@command.command("explain")
@click.argument("name", metavar="KPI", type=OneOf("KPI", by_id()))
@click.option(
    "--window", "kind", metavar="KIND", help="Kind of window.  [default: the KPI's first]"
)
@click.option("--scope", default="city:city", show_default=True, metavar="TYPE:ID", help="Scope.")
@click.option("--until", type=MOMENT, help="End of the window.  [default: the newest published]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def explain(name: str, kind: str | None, scope: str, until: int | None, *, as_json: bool) -> None:
    """Explain one window of a KPI: its rule and law, its revisions, and who it counts.

    Reads kpi.published for the revisions, and replays city.* up to its end for the cases: they are
    those known now, so an event that came after the last revision may be among them.  What happened
    to them that their lifecycle does not allow is listed with its state and reason, and so is a
    case whose clock began with the filing of a copy.  Cases have the ids of their source; persons
    are pseudonyms.  Exits 1 when no such window was published.
    """
    kpi = by_id()[name]
    kind = kind or kpi.windows[0]
    if kind not in kpi.windows:
        message = f"{name} has no window {kind!r}: it has {', '.join(kpi.windows)}"
        raise click.BadParameter(message, param_hint="--window")
    if scope.partition(":")[0] not in kpi.scopes or ":" not in scope:
        message = f"{scope!r} is no TYPE:ID with a type of {name}: {', '.join(kpi.scopes)}"
        raise click.BadParameter(message, param_hint="--scope")
    explained = wait_for(_explained(current(), kpi, Choice((name,), scope, kind), until))
    if as_json:
        click.echo(json.dumps(explained.to_json(), ensure_ascii=False))
    else:
        _show(explained)


async def _explained(
    settings: Settings, kpi: Kpi, choice: Choice, until: int | None
) -> Explanation:
    rows, flaws = await published(settings, choice)
    if flaws:
        raise BadResult("\n".join(flaws))
    end = max((row.window_end for row in rows), default=None) if until is None else until
    revisions = sorted((row for row in rows if row.window_end == end), key=order)
    if not revisions:
        raise BadResult(f"no such window of {kpi.id} was published: `jcoc kpis --all` lists them")
    row = revisions[0]
    if kpi.subject in OF_ROWS:
        return Explanation.of(kpi, revisions, [])  # No case is behind it, but published rows.
    replayed = await _replayed(settings)
    found = contributions(
        replayed.engine, kpi, (row.scope_type, row.scope_id), (row.window_start, row.window_end)
    )
    explained = Explanation.of(kpi, revisions, found)
    names = {one.name for one in found}
    explained.unexpected = oddities(replayed.engine, names)
    explained.begun = beginnings(replayed.engine, kpi, names)
    folds = replayed.engine.folds
    # Each partition has its copy of the tables.
    explained.tell(folds[0].law, (one for fold in folds for one in fold.recomputed()))
    return explained


async def _replayed(settings: Settings) -> Replay:
    """The whole log, folded."""
    replay = Replay(await partitions(settings))
    async for found in city(settings):
        list(replay.take(found))
    list(replay.finish())
    return replay


def _moved(one: Recomputed) -> str:
    told = moved(one)
    return (
        f"{told['case']}: due {told['old'] or 'not computable'}, by calendar "
        f"{told['calendar_version']} {told['new'] or 'not computable'}"
    )


def _begun(one: Beginning) -> str:
    told = one.to_json()
    return (
        f"{told['case']}: {told['first_filed_at']}, when its copy {told['first_case']} was filed; "
        f"it was itself at {told['filed_at']}"
    )


def _show(explained: Explanation) -> None:
    console = Console(width=None if Console().is_terminal else WIDE)
    kpi = explained.kpi
    for name, text in (
        ("KPI", f"{kpi.title_id} / {kpi.title_en}"),
        ("formula", kpi.formula),
        ("basis", f"{kpi.legal_basis} ({kpi.basis_status})"),
        ("tables", ", ".join(f"{n} {v}" for n, v in explained.versions.items())),
        *(("moved", _moved(one)) for one in explained.recomputed),
        *(("begun", _begun(one)) for one in explained.begun),
    ):
        console.print(f"{name:8}{text}", markup=False, highlight=False)
    console.print(table(explained.revisions))
    if explained.revisions[-1].companions:
        console.print(_companions(explained.revisions[-1]))
    counted = Table(box=None)
    counted.add_column("counts as", no_wrap=True)
    counted.add_column("cases", justify="right")
    counted.add_column("ids", overflow="fold")
    for heading, names in explained.groups().items():
        counted.add_row(heading, str(len(names)), " ".join(names))
    console.print(counted)
    if explained.unexpected:
        console.print(_listed(explained.unexpected))


def _listed(unexpected: Iterable[Oddity]) -> Table:
    shown = Table("unexpected in", "event", "at", "state", "reason", "rule", box=None)
    for one in unexpected:
        flat = one.to_json()
        names = ("case", "event", "occurred_at", "state", "reason", "rule")
        shown.add_row(*(flat[name] for name in names))
    return shown


def _companions(row: KpiRow) -> Table:
    shown = Table(box=None)
    for heading in ("companion", ""):
        shown.add_column(heading, overflow="fold")
    for name, number in row.companions.items():
        shown.add_row(name, number)
    for name, told in row.details.items():
        shown.add_row(name, told if isinstance(told, str) else ", ".join(told))
    return shown
