"""Show the settings in force and where each came from."""

from __future__ import annotations

import json

import click
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from jcoc.settings import Settings, current


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def command(*, as_json: bool) -> None:
    """Show the settings in force and where each came from; secrets are masked."""
    settings = current()
    shown = _shown(settings)
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    table = Table("setting", "value", "from", box=None)
    for path, row in shown.items():
        table.add_row(path, str(row["value"]), str(row["origin"]))
    Console().print(table)


def _shown(settings: Settings) -> dict[str, dict[str, object]]:
    rows: dict[str, dict[str, object]] = {}
    for path, value in settings.values():
        if isinstance(value, SecretStr):
            plain: object = "********" if value.get_secret_value() else ""
        else:
            plain = value if isinstance(value, int | str) else str(value or "")
        rows[path] = {"value": plain, "origin": settings.origin(path)}
    return rows
