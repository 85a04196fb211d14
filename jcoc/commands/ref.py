"""Reference tables: check, load, list and show the versions that judge the numbers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table as Grid

from core import moment, tables, topics
from core.law import ALWAYS, IN_FORCE
from core.tables import Flawed, Table
from core.versions import Copy, Version, history
from jcoc.exits import BadResult, Misconfigured
from jcoc.parameters import MOMENT, OneOf
from jcoc.reach import kafka, registry, wait_for
from jcoc.reference_tables import put
from jcoc.settings import Settings, current
from wire import reference_log
from wire.codec import Codec
from wire.reader import partitions

TABLE = OneOf("reference table", tables.KINDS)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON lines.")


@click.group()
def command() -> None:
    """Reference tables: check, load, list and show the versions that judge the numbers."""


@command.command("check")
@click.argument("names", nargs=-1, metavar="[TABLE]...", type=TABLE)
@click.option("--file", "file", type=FILE, help="TOML or JSON file of the one TABLE.")
@_JSON
def check(names: tuple[str, ...], file: Path | None, *, as_json: bool) -> None:
    """Check tables without loading them; no broker is needed.

    Without --file the ones that came with the program.  Exits 1 when one is flawed.
    """
    flawed = False
    for name, text, where in _texts(names, file):
        try:
            version, flaw = _parsed(name, text, where).version, None
        except Flawed as error:
            version, flaw, flawed = None, str(error), True
        if as_json:
            told = {"table": name, "file": where, "version": version, "flaw": flaw}
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            click.echo(f"{name:18}{flaw or f'{version}: good'}")
    if flawed:
        raise BadResult("a table is flawed: nothing of it can be loaded")


@command.command("load")
@click.argument("names", nargs=-1, metavar="[TABLE]...", type=TABLE)
@click.option("--file", "file", type=FILE, help="TOML or JSON file of the one TABLE.")
@click.option("--at", type=MOMENT, help="In force from this event time on.  [default: now]")
@_JSON
def load(names: tuple[str, ...], file: Path | None, at: int | None, *, as_json: bool) -> None:
    """Put versions of reference tables in force; without --file those of the program.

    Cases that are open at that moment get their due instants anew; what was closed keeps the
    version that was in force, and so does what happened before of `incident_class`.  A version
    that is loaded already changes nothing; the same version
    with another content is refused.
    """
    at = time.time_ns() // 1000 if at is None else at
    try:
        wanted = [(name, _parsed(name, text, where)) for name, text, where in _texts(names, file)]
    except Flawed as error:
        raise Misconfigured(str(error)) from error
    for told in wait_for(_load(current(), wanted, at)):
        if as_json:
            click.echo(json.dumps(told))
        else:
            new = "loaded" if told["partitions"] else "was loaded already"
            click.echo(
                f"{told['table']:18}{told['version']}: {new}, in force since {told['since']}"
                f"{'' if told['judges'] else '; shown only, no number reads it'}"
            )


@command.command("list")
@_JSON
def list_(*, as_json: bool) -> None:
    """List every version of every table, the one in force last."""
    copies, count = wait_for(_copies(current(), tables.KINDS))
    grid = Grid(box=None)
    for heading in ("table", "version", "since", "in force", "judges", "partitions"):
        grid.add_column(heading)
    for name in tables.KINDS:
        for version in history(name, [copy.event for copy in copies]):
            there = _partitions(name, version, copies)
            told = {
                "table": name,
                "version": version.table.version,
                "since": _since(version),
                "in_force": version.in_force,
                "judges": name in IN_FORCE,
                "partitions": None if version.since == ALWAYS else there,
                "lacking": 0 if version.since == ALWAYS else count - there,
            }
            if as_json:
                click.echo(json.dumps(told))
            else:
                grid.add_row(
                    name, version.table.version, _since(version) or "shipped",
                    "yes" if version.in_force else "", "cases" if name in IN_FORCE else "",
                    "" if version.since == ALWAYS else f"{there}/{count}",
                )  # fmt: skip
    if not as_json:
        Console().print(grid)


@command.command("show")
@click.argument("name", metavar="TABLE", type=TABLE)
@click.option("--version", help="This version.  [default: the one in force]")
@_JSON
def show(name: str, version: str | None, *, as_json: bool) -> None:
    """Show one version of a table, as a file that `jcoc ref load --file` takes.

    TOML for what came with the program, JSON for what was loaded.
    """
    copies, _ = wait_for(_copies(current(), (name,)))
    known = history(name, [copy.event for copy in copies])
    found = [one for one in known if version in {None, one.table.version}]
    if not found:
        listed = ", ".join(one.table.version for one in known)
        message = f"no version {version!r} of {name}: there is {listed}"
        raise click.BadParameter(message, param_hint="--version")
    table = found[-1].table
    if as_json:
        click.echo(tables.to_json(table))
    elif table == tables.shipped(type(table)):
        click.echo(tables.shipped_text(name), nl=False)
    else:
        click.echo(json.dumps(json.loads(tables.to_json(table)), ensure_ascii=False, indent=2))


def _texts(names: tuple[str, ...], file: Path | None) -> list[tuple[str, str, str]]:
    """Table, text and where it stands."""
    if file is None:
        return [(n, tables.shipped_text(n), f"reference/{n}.toml") for n in names or tables.KINDS]
    if len(names) != 1:
        raise click.UsageError("--file holds one table: name it, as in `ref load calendar --file`")
    try:
        return [(names[0], file.read_text("utf-8"), str(file))]
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file}: {error}") from error


def _parsed(name: str, text: str, where: str) -> Table:
    # No TOML begins with a brace.
    parse = tables.from_json if text.lstrip().startswith("{") else tables.from_toml
    try:
        return parse(name, text)
    except Flawed as error:
        raise Flawed(f"{where}: {error}") from error


async def _load(
    settings: Settings, wanted: Iterable[tuple[str, Table]], at: int
) -> list[dict[str, Any]]:
    async with registry(settings) as schemas:
        return await put(kafka(settings), schemas, wanted, at)


async def _copies(settings: Settings, names: Iterable[str]) -> tuple[list[Copy], int]:
    """Reference events, and how many partitions there are."""
    cluster, names = kafka(settings), tuple(names)
    async with registry(settings) as schemas:
        found = await reference_log.copies(cluster, Codec({}, schemas), names)
    numbers = await partitions(cluster)
    return found, max((len(numbers.get(topics.city(f"ref.{n}"), ())) for n in names), default=0)


def _partitions(name: str, version: Version, copies: Iterable[Copy]) -> int:
    made = tables.to_event(name, version.table, version.since)
    return len({copy.partition for copy in copies if copy.event.event_id == made.event_id})


def _since(version: Version) -> str | None:
    return None if version.since == ALWAYS else moment.rfc3339(version.since)
