"""The jobs of a whole city in one table, for the terminal and as the markdown file."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from statistics import median

from rich.table import Table

from bench.attempt import Run
from bench.document import table
from bench.facts import medians, told
from bench.report import Lines, Report

COMMAND = "make bench-city"
HEAD = ("job", "events", "runs", "events/s", "seconds", "CPU s", "MiB", "result")
_ABOUT = f"""# Cases of a whole city, measured

Written by `{COMMAND}`: do not edit, measure again.  Medians; one process of the backbone, on one
core if it has no second one to itself.  What the figures mean is said with each job.  On a machine
that others use at the same time seconds say more about them than about us; CPU seconds less so.
"""


def lines(report: Report) -> Lines:
    """One line for each job, medians of its runs; then those that failed."""
    return [_line(name, report.of(name)) for name in report.jobs if report.of(name)] + [
        [one.job, *["–"] * (len(HEAD) - 2), one.why] for one in report.missing
    ]


def _line(name: str, runs: list[Run]) -> list[str]:
    wrong = [str(run.verdict) for run in runs if not run.verdict.exact]
    seconds = median(run.seconds for run in runs)
    return [
        name,
        f"{runs[0].events:,}",
        str(len(runs)),
        f"{median(run.events_per_s for run in runs):,.0f}",
        f"{seconds:,.1f}",
        f"{median(run.cpu_s for run in runs):,.1f}",
        f"{median(run.peak_rss_mib for run in runs):,.0f}",
        (wrong or [str(runs[0].verdict)])[0],
    ]


def tables(report: Report) -> Iterator[Table]:
    """For the terminal; what is wrong stands out."""
    made = Table(*HEAD, box=None, padding=(0, 2, 0, 0))
    for line in lines(report):
        made.add_row(*line, style="bold red" if "WRONG" in line[-1] else "")
    yield made


def document(report: Report, about: Mapping[str, str], targets: Mapping[str, str]) -> str:
    """The whole file; `about` and `targets` by job."""
    parts = [f"{_ABOUT}\nMachine: {report.machine}\n\n{table(HEAD, lines(report))}"]
    for name in report.jobs:
        facts = medians([run.facts for run in report.of(name)])
        said = "".join(f"- {told({key: value})}\n" for key, value in facts.items())
        parts.append(
            f"## {name}\n\n{inspect.cleandoc(about[name])}\n\nAsked for: {targets[name]}\n\n{said}"
        )
    return "\n".join(parts)
