"""Files that are generated and committed: written here, and compared in CI."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent


def keep(files: Mapping[str, str], *, check: bool) -> None:
    """Write `files` (path from the repository's root to content), or compare with `check`.

    Raises click.ClickException (exit 1) with a diff when a committed file is out of date.
    """
    if check:
        differences = "".join(_differences(files))
        if differences:
            raise click.ClickException(f"generated files are out of date\n{differences}")
        return
    for name, content in files.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        click.echo(name)


def _differences(files: Mapping[str, str]) -> Iterator[str]:
    for name, content in files.items():
        path = ROOT / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        yield from difflib.unified_diff(
            old.splitlines(keepends=True),
            content.splitlines(keepends=True),
            f"{name} (committed)",
            f"{name} (generated)",
        )
