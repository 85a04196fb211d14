"""Show what runs of the local stack, and whether it is well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from jcoc.exits import Away
from jcoc.settings import current
from jcoc.stack.local import LocalStack, Status


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def command(*, as_json: bool) -> None:
    """Show what runs of the local stack; exit 3 unless all of it is well."""
    rows = LocalStack.configured(current().stack).status()
    show(rows, as_json=as_json)
    if not any(row.pid for row in rows):
        raise Away("the local stack is down: run `jcoc up`")
    ill = [row for row in rows if not row.healthy]
    if ill:
        what = ", ".join(row.part for row in ill)
        raise Away(f"{what}: see the log, then `jcoc down` and `jcoc up`")


def show(rows: Sequence[Status], *, as_json: bool) -> None:
    """Print the parts, one row each."""
    if as_json:
        click.echo(json.dumps({row.part: asdict(row) for row in rows}, indent=2))
        return
    table = Table("part", Column("address", overflow="fold"), "pid", "healthy", box=None)
    for row in rows:
        healthy = "[green]yes[/]" if row.healthy else "[red]no[/]"
        table.add_row(row.part, row.address or "-", str(row.pid or "-"), healthy)
    Console().print(table)
    for folder in sorted({Path(row.log).parent for row in rows}):
        click.echo(f" logs in {folder}")
