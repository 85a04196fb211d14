"""What people and scripts are shown."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import replace

import pytest
from rich.console import Console

from bench import delay, fold
from bench.document import document
from bench.machine import Machine
from bench.oracle import Verdict
from bench.report import Report, ratios

MACHINE = Machine.here("4.3.1")
EXACT = Verdict(cells=10, missing=0, different=0, invented=0)
WRONG = replace(EXACT, different=2)
SENTENCE = (
    "jcoc does 10.0 times the events a second of plain-faust, and 1.0 times those of the same CPU "
    "time."
)
DELAY = delay.Run(
    rate=1_000,
    messages=30_000,
    received_per_s=999.6,
    p50=dict.fromkeys(delay.STAGES, 0.5),
    p99={**dict.fromkeys(delay.STAGES, 1.0), "shown": 2.25},
    lost=0,
    doubled=0,
    cores={"worker": 0.25},
)


def run(name: str, seconds: float, verdict: Verdict = EXACT) -> fold.Run:
    return fold.Run(name, 1_000, seconds, 0.5, 100.4, verdict)


def runs(verdict: Verdict = EXACT) -> list[fold.Run]:
    ours = [run(fold.OURS, seconds, verdict) for seconds in (1.0, 10.0, 2.0)]
    return [*ours, run(fold.PLAIN, 20.0)]


def shown(report: Report) -> str:
    out = io.StringIO()
    console = Console(file=out, width=120)
    for table in report.tables():
        console.print(table)
    return out.getvalue() + "\n".join(report.sentences())


def words(text: str) -> Iterable[list[str]]:
    return (line.split() for line in text.splitlines())


def test_the_table_shows_medians() -> None:
    text = shown(Report(MACHINE, runs()))
    assert ["jcoc", "1,000", "3", "500", "100–1,000", "500.00", "100", "exact"] in words(text)
    assert ["plain-faust", "1,000", "1", "50", "50–50", "500.00", "100", "exact"] in words(text)
    assert SENTENCE in text


def test_a_wrong_result_is_shown_as_wrong_and_has_no_ratio() -> None:
    report = Report(MACHINE, runs(WRONG))
    text = shown(report)
    assert "WRONG: 0 missing, 2 off, 0 invented" in text
    assert "times" not in text
    assert ratios(report.folds) is None
    assert report.wrong == ["jcoc: WRONG: 0 missing, 2 off, 0 invented"] * 3


def test_one_wrong_run_of_three_is_wrong() -> None:
    one = [*runs()[:2], run(fold.OURS, 2.0, WRONG)]
    assert "WRONG" in shown(Report(MACHINE, one))


@pytest.mark.parametrize("wrong", [replace(DELAY, lost=1), replace(DELAY, doubled=1)])
def test_a_lost_or_doubled_message_is_wrong(wrong: delay.Run) -> None:
    report = Report(MACHINE, delays=[DELAY, wrong])
    assert len(report.wrong) == 1
    assert "WRONG" in shown(report)


def test_delays_are_shown_by_stage() -> None:
    text = shown(Report(MACHINE, delays=[DELAY, DELAY]))
    assert ["shown", "0.50", "2.25", "2.25–2.25"] in words(text)
    assert "1000 a second taken in by the connector, 2 x 30,000 messages" in text
    assert "none lost or doubled. Cores in use: worker 0.25." in text


def test_json_has_medians_and_single_runs() -> None:
    told = json.loads(json.dumps(Report(MACHINE, runs(), [DELAY]).to_json()))
    assert told["fold"]["jcoc"]["events_per_s"] == 500
    assert len(told["fold"]["jcoc"]["runs"]) == 3
    assert (told["fold_ratio"], told["fold_cpu_ratio"]) == (10.0, 1.0)
    assert told["delay"]["p99_s"]["shown"] == 2.25
    assert told["exact"] is True
    assert told["machine"]["kafka"] == "4.3.1"


def test_json_of_one_job_leaves_the_other_out() -> None:
    told = Report(MACHINE, [], [DELAY]).to_json()
    assert (told["fold"], told["fold_ratio"]) == ({}, None)
    assert Report(MACHINE, runs()).to_json()["delay"] is None


def test_the_document_has_machine_tables_and_how_it_was_measured() -> None:
    text = document(Report(MACHINE, runs(), [DELAY]))
    assert f"Machine: {MACHINE}" in text
    assert "| jcoc | 1,000 | 3 | 500 | 100–1,000 | 500.00 | 100 | exact |" in text
    assert "| shown | 0.50 | 2.25 | 2.25–2.25 |" in text
    assert f"- {SENTENCE}" in text
    assert "the clock ticking every second: p50 0.50 s, p99 2.25 s." in text
    assert "broker_commit_interval=1.0" in text


@pytest.mark.parametrize(("load", "told"), [(0.5, False), (0.51, True)])
def test_a_machine_that_others_used_is_said_to_be_shared(load: float, told: bool) -> None:
    machine = replace(MACHINE, cores=2, load_before=load)
    assert ("shared with other work" in str(machine)) is told
