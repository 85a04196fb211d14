"""Print or draw the lifecycles of cases: state, event, next state."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from core.lifecycle import Lifecycle
from core.lifecycles import by_kind
from jcoc.kpi_rows import WIDE
from jcoc.parameters import OneOf
from ops.lifecycles import drawing


@click.command()
@click.argument("kind", required=False, type=OneOf("lifecycle", by_kind()))
@click.option("--json", "form", flag_value="json", help="One JSON object for each lifecycle.")
@click.option("--mermaid", "form", flag_value="mermaid", help="A state diagram for Mermaid.")
@click.option("--dot", "form", flag_value="dot", help="A graph for Graphviz.")
def command(kind: str | None, form: str | None) -> None:
    """Print or draw the lifecycles of cases: state, event, next state.

    Without KIND all of them.  A line with a rule is not allowed: such an event is kept, counted in
    case_events_unexpected_pct, and the rule says what follows from it all the same.
    """
    for life in by_kind().values() if kind is None else [by_kind()[kind]]:
        if form == "json":
            click.echo(json.dumps(shown(life), ensure_ascii=False))
        elif form == "mermaid":
            click.echo(drawing.mermaid(life), nl=False)
        elif form == "dot":
            click.echo(drawing.dot(life), nl=False)
        else:
            _print(life)


def shown(life: Lifecycle) -> dict[str, Any]:
    """A lifecycle under stable names."""
    return {
        "kind": life.kind,
        "title_en": life.title_en,
        "title_id": life.title_id,
        "opens": life.opens,
        "start": life.start,
        "ends": sorted(life.ends),
        "events": {name: list(called) for name, called in life.names.items()},
        "moves": [
            {"state": m.state, "event": m.event, "next": m.next, "allowed": not m.rule}
            | ({"rule": m.rule} if m.rule else {})
            for m in life.moves
        ],
    }


def _print(life: Lifecycle) -> None:
    console = Console(width=None if Console().is_terminal else WIDE)
    console.print(f"[bold]{life.kind}[/bold]: {life.title_id} / {life.title_en}", highlight=False)
    table = Table("state", "event", "next state", "rule", box=None, pad_edge=False)
    for move in life.moves:
        ends = f"{move.next} (end)" if move.next in life.ends else move.next
        style = "dim" if move.rule else None
        table.add_row(move.state, move.event, ends, move.rule, style=style)
    console.print(table)
    console.print()
