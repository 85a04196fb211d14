"""Write a day to files, for a look at it: `python -m sim --events FILE --truth FILE`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from core import contract
from sim import truth
from sim.day import Day
from sim.story import SOURCES

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.option("--events", type=_FILE, help="Canonical events, JSON lines.")
@click.option("--truth", "rows", type=_FILE, help="True KPI rows, JSON lines.")
@click.option("--seed", default=1, show_default=True)
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), default="2026-11-20", show_default=True)
@click.option("--scale", default=1.0, show_default=True, help="Times 1,600 complaints …")
@click.option("--silent", type=click.Choice(SOURCES), help="A source that falls silent.")
@click.option("--silent-from", default=18, show_default=True, help="Hour of the day.")
def main(events: Path | None, rows: Path | None, seed: int, date: datetime, scale: float,
         silent: str | None, silent_from: int) -> None:  # fmt: skip
    """Write a simulated day of Jambi and its true numbers; print how much happened."""
    try:
        day = Day(seed=seed, date=date.date(), scale=scale, silent=silent, silent_from=silent_from)
        all_events = day.events()
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    found = truth.rows(day.story)
    if events:
        _write(events, [contract.to_line(event) for event in all_events])
    if rows:
        _write(rows, [json.dumps(row.to_json()) for row in found])
    click.echo(f"{len(all_events)} events, {len(found)} true rows")


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


if __name__ == "__main__":
    main()
