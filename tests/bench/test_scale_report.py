"""The table of the scenarios, and the file."""

from __future__ import annotations

import io
import json

from rich.console import Console

from bench.attempt import NotRun, Run
from bench.facts import Facts, medians, told
from bench.machine import Machine
from bench.oracle import Verdict
from bench.report import Report
from bench.scale.outcome import Judged
from bench.scale.report import COMMAND, document, lines, tables
from bench.scale.scenarios import SCENARIOS

EXACT = Judged(Verdict(10, 0, 0, 0), ())
LATE = Judged(Verdict(10, 0, 0, 0), ("3 late",))
MACHINE = Machine.here("4.3.1")


def run(name: str, seconds: float, verdict: Judged = EXACT, **facts: float | str | None) -> Run:
    return Run("scale", name, 1_000, seconds, 0.5, 100.4, 0.25, verdict, facts)


CELLS = [
    run("cells", seconds, cells=1_043_769, late=0, largest_partition_share=share)
    for seconds, share in ((1.0, 0.25), (2.0, 0.3), (4.0, 0.75))
]


def test_a_line_has_medians_and_the_scenario_s_own_facts() -> None:
    (line,) = lines(Report(MACHINE, CELLS), SCENARIOS)
    assert line[:4] == ["cells", "1,000", "3", "500"]
    assert line[-2:] == ["cells 1,043,769", "exact"]


def test_who_was_not_run_has_a_line() -> None:
    (line,) = lines(Report(MACHINE, missing=[NotRun("scale", "hot", "no broker")]), SCENARIOS)
    assert (line[0], line[-1]) == ("hot", "not run: no broker")


def test_what_is_late_is_shown_as_wrong() -> None:
    report = Report(MACHINE, [run("even", 1.0), run("uneven", 1.0, LATE)])
    out = io.StringIO()
    for table in tables(report, SCENARIOS):
        Console(file=out, width=250).print(table)
    assert "WRONG: 3 late" in out.getvalue()
    assert report.wrong == ["scale: uneven: WRONG: 3 late"]


def test_json_has_every_fact_and_no_ratio_to_anybody() -> None:
    shown = json.loads(json.dumps(Report(MACHINE, CELLS).to_json()))
    assert shown["scale"]["cells"]["facts"] == {
        "cells": 1_043_769, "late": 0, "largest_partition_share": 0.3,
    }  # fmt: skip
    assert [one["facts"]["late"] for one in shown["scale"]["cells"]["runs"]] == [0, 0, 0]
    assert "scale_ratios" not in shown


def test_the_document_has_one_table_and_says_what_each_scenario_is() -> None:
    text = document(Report(MACHINE, [run("even", 1.0), *CELLS]), SCENARIOS)
    assert COMMAND in text
    assert text.count("| scenario |") == 1
    assert "| cells | 1,000 | 3 | 500 |" in text
    assert f"Machine: {MACHINE}" in text
    assert f"## cells\n\n{SCENARIOS['cells'].about}\n\n- cells 1,043,769\n- late 0\n" in text


def test_the_middle_of_numbers_is_told_and_of_words_the_first() -> None:
    runs: list[Facts] = [
        {"a_s": 3.0, "b": "x", "c_s": None},
        {"a_s": 1.0, "b": "y", "c_s": None},
        {"a_s": 2.5, "b": "z", "c_s": 4.0},
    ]
    assert medians(runs) == {"a_s": 2.5, "b": "x", "c_s": 4.0}
    assert told(medians(runs)) == "a 2.50 s, b x, c 4 s"
    assert told({"nothing_s": None, "most_share": 0.703}) == "nothing –, most 70.3%"


def test_every_scenario_has_its_own_name_and_says_what_it_does() -> None:
    assert all(name == scenario.name and scenario.about for name, scenario in SCENARIOS.items())
