"""Compute KPIs from a file of canonical events, without a broker."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from audit.compute import Computation
from audit.event_file import lines
from core import moment
from core.kpis import by_id
from core.moment import DAY, wib_day_start
from core.outcome import Reject
from core.rows import KpiRow
from jcoc.exits import BadResult
from jcoc.kpi_rows import newest, order, print_lines, show
from jcoc.parameters import MOMENT, OneOf

_EVERY = 2_000
"""Lines between two looks at how far the file is read."""
_CALENDAR = ("month", "quarter")


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option(
    "--kpi", "kpis", type=OneOf("KPI", by_id()), multiple=True, help="Only this KPI; repeatable."
)
@click.option("--now", type=MOMENT, help="What time it is, RFC 3339: nothing later counts.")
@click.option("--all", "every", is_flag=True, help="The table with every window, as --json has.")
@click.option("--json", "as_json", is_flag=True, help="Every window as JSON lines.")
def command(
    file: Path, kpis: tuple[str, ...], now: int | None, *, every: bool, as_json: bool
) -> None:
    """Compute KPIs from a FILE of canonical events; `-` is standard input.

    FILE has JSON lines as `jcoc events --json` prints them, or the same gzipped.  Its order and
    repeated lines change nothing: all events are known at once, so a window has one row, with
    revision 0.  The clock is that of the clock.tick events in the file; without any, time stands
    at the end of the month of the last event.  Needs no broker and no settings.

    A line that is no event goes to standard error as {"line", "reason", "detail"}; what the
    others make is printed all the same, and the command exits 1.
    """
    computation = Computation(now)
    with _progress() as progress:
        bad = _read(file, computation, progress)
        task = progress.add_task("computing", total=None)
        rows = computation.rows(lambda d, n: progress.update(task, completed=d, total=n))
    chosen = sorted((row for row in rows if not kpis or row.kpi in kpis), key=order)
    if as_json:
        print_lines(chosen)
    else:
        shown = chosen if every else sorted(_latest(computation, chosen), key=order)
        show(shown)
    if computation.ahead:
        last = moment.rfc3339(computation.clock()[-1])
        click.echo(f"left out: {computation.ahead} events that occurred after {last}", err=True)
    if bad:
        raise BadResult(f"{bad} line{'s are' if bad > 1 else ' is'} no event")


def _read(path: Path, computation: Computation, progress: Progress) -> int:
    """Add every event of the file; the number of lines that are none."""
    stdin = str(path) == "-"
    task = progress.add_task("reading", total=None if stdin else path.stat().st_size)
    bad = 0
    try:
        with nullcontext(sys.stdin.buffer) if stdin else path.open("rb") as file:
            for number, outcome in lines(file):
                if isinstance(outcome, Reject):
                    bad += 1
                    _tell(progress.console, number, outcome)
                else:
                    computation.add(outcome)
                if number % _EVERY == 0:
                    progress.update(task, completed=None if stdin else file.tell())
    except OSError as error:
        raise BadResult(f"{path}: {error}") from error
    return bad


def _tell(console: Console, number: int, reject: Reject) -> None:
    told = {"line": number, "reason": reject.reason.value, "detail": reject.detail}
    # Through the bar's console, which keeps both legible; as it is, for scripts.
    console.print(json.dumps(told), markup=False, emoji=False, highlight=False, soft_wrap=True)


def _latest(computation: Computation, rows: Iterable[KpiRow]) -> list[KpiRow]:
    """The newest window of each series; where nobody says what time it is, that of the events.

    Time then stands at the end of a month, of which the last days may not have happened.
    """
    if computation.has_clock or computation.last_event is None:
        return newest(list(rows))
    end = wib_day_start(computation.last_event) + DAY
    return newest([row for row in rows if row.window_end <= end or row.window in _CALENDAR])


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    return Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
