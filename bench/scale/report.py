"""The scenarios of a run in one table, for the terminal and as the markdown file."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping

from rich.table import Table

from bench.document import table
from bench.facts import medians, told
from bench.report import JOB, Lines, Report, by_name
from bench.scale.measure import NAME
from bench.scale.scenario import Scenario

COMMAND = "make bench-scale"
HEAD = (*JOB[:-1], "and", JOB[-1])
_ABOUT = f"""# Scaling, measured

Written by `{COMMAND}`: do not edit, measure again.  Everything is the backbone's own `jcoc worker`
with all of its stages, one process unless said otherwise, on a fresh local stack for each scenario.
The input is in Kafka before the clock begins, unless it is said to come at a rate.  The clock runs
from the first record to the commit of the last; who starts later is counted with its start.  CPU
s/M is CPU seconds of all workers for a million events, MiB the peak resident memory of the largest,
broker CPU s/M what Kafka used meanwhile.  Medians.  Totals are exact when every published 1-minute
cell equals that of a plain oracle, nothing was late, every unreadable record is in the dead letters
with its own offset and no other; where no worker ended, its count of rejects too.
"""


def lines(report: Report, scenarios: Mapping[str, Scenario]) -> Lines:
    """One line for each scenario, medians of its runs."""
    facts = {
        name: medians([run.facts for run in of]) for name, of in by_name(report.of(NAME)).items()
    }
    return [
        [*line[:-1], _shown(facts.get(line[0], {}), scenarios[line[0]]), line[-1]]
        for line in report.lines(NAME)
    ]


def tables(report: Report, scenarios: Mapping[str, Scenario]) -> Iterator[Table]:
    """For the terminal, which is narrow: in two; what is wrong stands out."""
    made = Table(NAME, *JOB, box=None, padding=(0, 2, 0, 0))
    more = Table(NAME, "and", box=None, padding=(0, 2, 0, 0))
    for *line, said, totals in lines(report, scenarios):
        made.add_row(*line, totals, style="bold red" if "WRONG" in totals else "")
        more.add_row(line[0], said)
    yield made
    yield more


def document(report: Report, scenarios: Mapping[str, Scenario]) -> str:
    """The whole file."""
    found = lines(report, scenarios)
    parts = [
        f"## {name}\n\n{inspect.cleandoc(scenarios[name].about)}\n\n{_all_facts(report, name)}"
        for name in (line[0] for line in found)
    ]
    head = f"{_ABOUT}\nMachine: {report.machine}\n\n{table(('scenario', *HEAD), found)}"
    return "\n".join([head, *parts])


def _all_facts(report: Report, name: str) -> str:
    facts = medians([run.facts for run in report.of(NAME) if run.implementation == name])
    return "".join(f"- {told({key: value})}\n" for key, value in facts.items())


def _shown(facts: Mapping[str, float | str | None], scenario: Scenario) -> str:
    return told({name: facts[name] for name in scenario.shows if name in facts}) or "–"
