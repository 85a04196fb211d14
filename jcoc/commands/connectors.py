"""List the connectors: what each reads, what it emits, how it is configured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.registry import discover
from core.manifest import Manifest


@click.command()
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
def command(*, as_json: bool) -> None:
    """List the connectors: what each reads, what it emits, how it is configured."""
    if as_json:
        for manifest in discover().values():
            click.echo(json.dumps(shown(manifest), ensure_ascii=False))
        return
    table = Table("name", "title", "kind", "emits", "settings", box=None, pad_edge=False)
    for manifest in discover().values():
        own = ", ".join(setting["name"] for setting in settings_of(manifest))
        table.add_row(
            f"[bold]{manifest.name}[/bold]",
            f"{escape(manifest.title)}\n[dim]{escape(manifest.title_id)}[/dim]",
            manifest.kind,
            "\n".join(_families(manifest.emits)),
            own or "[dim]none[/dim]",
        )
    console = Console()
    console.print(table if discover() else "[dim]no connectors[/dim]")
    console.print("[dim]A setting is JCOC_NAME__SETTING, or in the table NAME of jcoc.toml.[/dim]")


def _families(emits: Sequence[str]) -> list[str]:
    """Event types by area: `complaint: submitted, closed`."""
    areas: dict[str, list[str]] = {}
    for event_type in emits:
        area, _, thing = event_type.partition(".")
        areas.setdefault(area, []).append(thing)
    return [f"{area}: {', '.join(things)}" for area, things in areas.items()]


def shown(manifest: Manifest) -> dict[str, Any]:
    """What a script may want to know of a connector."""
    return {
        "name": manifest.name,
        "title": manifest.title,
        "title_id": manifest.title_id,
        "owner": manifest.owner,
        "kind": manifest.kind,
        "emits": list(manifest.emits),
        "personal": list(manifest.personal),
        "historical": manifest.historical,
        "settings": settings_of(manifest),
    }


def settings_of(manifest: Manifest) -> list[dict[str, Any]]:
    """Each setting with its environment variable, meaning and default; secrets are masked."""
    prefix = str(manifest.settings.model_config.get("env_prefix", ""))
    return [
        {
            "name": name,
            "env": f"{prefix}{name}".upper(),
            "help": " ".join((field.description or "").split()),
            "required": field.is_required(),
            "default": None
            if field.is_required()
            else str(field.get_default(call_default_factory=True)),
        }
        for name, field in manifest.settings.model_fields.items()
    ]
