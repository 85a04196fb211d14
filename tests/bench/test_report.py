"""What people and scripts are shown."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import replace

import pytest
from rich.console import Console

from bench import delay
from bench.attempt import NotRun, Run
from bench.document import document
from bench.jobs import JOBS
from bench.machine import Machine
from bench.oracle import Verdict
from bench.report import Report
from bench.targets import ratio, told_targets

MACHINE = Machine.here("4.3.1")
EXACT = Verdict(cells=10, missing=0, different=0, invented=0)
WRONG = replace(EXACT, different=2)
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


def run(
    name: str, seconds: float, verdict: Verdict = EXACT, *, cpu_s: float = 0.5, job: str = "fold"
) -> Run:
    return Run(job, name, 1_000, seconds, cpu_s, 100.4, 0.25, verdict)


def runs(verdict: Verdict = EXACT) -> list[Run]:
    ours = [run("jcoc", seconds, verdict) for seconds in (1.0, 10.0, 2.0)]
    return [*ours, run("kafka-streams", 5.0, cpu_s=2.0), run("plain-faust", 20.0)]


def shown(report: Report) -> str:
    out = io.StringIO()
    console = Console(file=out, width=160)
    for table in report.tables():
        console.print(table)
    return out.getvalue() + "\n".join(report.sentences())


def words(text: str) -> Iterable[list[str]]:
    return (line.split() for line in text.splitlines())


def test_the_table_shows_medians() -> None:
    text = shown(Report(MACHINE, runs()))
    ours = ["jcoc", "1,000", "3", "500", "100–1,000", "500.00", "100", "250.00", "exact"]
    plain = ["plain-faust", "1,000", "1", "50", "50–50", "500.00", "100", "250.00", "exact"]
    assert ours in words(text)
    assert plain in words(text)


def test_ratios_are_of_medians_and_only_of_exact_runs() -> None:
    assert ratio(runs(), "kafka-streams", "events_per_s") == 2.5
    assert ratio(runs(), "kafka-streams", "cpu_s_per_million") == 0.25
    assert ratio(runs(WRONG), "kafka-streams", "events_per_s") is None
    assert ratio(runs()[:3], "kafka-streams", "events_per_s") is None


def test_another_that_was_wrong_does_not_hide_a_ratio() -> None:
    assert ratio([*runs(), run("quix", 1.0, WRONG)], "kafka-streams", "events_per_s") == 2.5


def test_a_wrong_result_is_shown_as_wrong_and_has_no_ratio() -> None:
    report = Report(MACHINE, runs(WRONG))
    text = shown(report)
    assert "WRONG: 0 missing, 2 off, 0 invented" in text
    assert "times the events" not in text
    assert report.wrong == ["fold: jcoc: WRONG: 0 missing, 2 off, 0 invented"] * 3


def test_one_wrong_run_of_three_is_wrong() -> None:
    one = [*runs()[:2], run("jcoc", 2.0, WRONG)]
    assert "WRONG" in shown(Report(MACHINE, one))


@pytest.mark.parametrize(
    ("job", "ours", "theirs", "told"),
    [
        ("fold", (1.0, 1.0), (2.0, 2.0), ["2.00, reached", "0.50, reached"]),
        ("fold", (1.0, 1.0), (1.9, 1.9), ["1.90, NOT reached", "0.53, NOT reached"]),
        ("normalize", (1.0, 1.0), (2.0, 2.0), ["2.00, reached", "0.50, NOT reached"]),
        ("normalize", (1.0, 1.0), (2.0, 2.5), ["2.00, reached", "0.40, reached"]),
    ],
)
def test_targets_are_judged_by_the_numbers(
    job: str, ours: tuple[float, float], theirs: tuple[float, float], told: list[str]
) -> None:
    both = [run("jcoc", ours[0], cpu_s=ours[1]), run("kafka-streams", theirs[0], cpu_s=theirs[1])]
    found = list(told_targets(job, both))
    assert [one.rpartition(": ")[2] for one in found[:2]] == [f"{one}." for one in told]


@pytest.mark.parametrize(("mib", "told"), [(286.0, "reached"), (287.0, "NOT reached")])
def test_the_memory_target_is_in_decimal_megabytes(mib: float, told: str) -> None:
    (said,) = told_targets("fold", [replace(run("jcoc", 1.0), peak_rss_mib=mib)])
    assert said.endswith(f" MB, {told}.")


@pytest.mark.parametrize(("seconds", "told"), [(1.0, "2.00, reached"), (1.5, "1.33, NOT reached")])
def test_two_workers_are_held_against_one_and_the_broker_is_told(seconds: float, told: str) -> None:
    *_, said = told_targets("fold", [run("jcoc", 2.0), run("jcoc-2", seconds)])
    assert told in said
    assert "the broker" in said


def test_a_target_that_was_not_measured_is_not_spoken_of() -> None:
    assert not list(told_targets("fold", [run("quix", 1.0)]))


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


def test_json_has_medians_ratios_and_single_runs() -> None:
    absent = NotRun("fold", "bytewax", "no uv")
    told = json.loads(json.dumps(Report(MACHINE, runs(), [DELAY], [absent]).to_json()))
    assert told["fold"]["jcoc"]["events_per_s"] == 500
    assert len(told["fold"]["jcoc"]["runs"]) == 3
    assert told["fold_ratios"] == {"events_per_s": 2.5, "cpu_s_per_million": 0.25}
    assert told["not_run"] == [
        {"job": "fold", "implementation": "bytewax", "why": "no uv", "failed": False}
    ]
    assert told["delay"]["p99_s"]["shown"] == 2.25
    assert told["exact"] is True
    assert told["machine"]["kafka"] == "4.3.1"


def test_json_of_one_job_leaves_the_others_out() -> None:
    assert "fold" not in Report(MACHINE, [], [DELAY]).to_json()
    told = Report(MACHINE, [run("jcoc", 1.0, job="normalize")]).to_json()
    assert (told["delay"], "fold" in told, "jcoc" in told["normalize"]) == (None, False, True)


def test_the_document_has_machine_tables_and_how_each_was_configured() -> None:
    absent = NotRun("normalize", "kafka-streams", "no JDK/Maven")
    both = [*runs(), run("jcoc", 1.0, job="normalize"), run("quix", 1.0, job="normalize")]
    text = document(Report(MACHINE, both, [DELAY], [absent]), JOBS)
    assert f"Machine: {MACHINE}" in text
    assert "| jcoc | 1,000 | 3 | 500 | 100–1,000 | 500.00 | 100 | 250.00 | exact |" in text
    assert "| kafka-streams | – | – | – | – | – | – | – | not run: no JDK/Maven |" in text
    assert "- fold: Target at least 2.0 times kafka-streams' events/s: 2.50, reached." in text
    assert "| shown | 0.50 | 2.25 | 2.25–2.25 |" in text
    assert "the clock ticking every second: p50 0.50 s, p99 2.25 s." in text
    assert "`broker_commit_interval=1.0`" in text
    assert "It is given no more than the first 50,000 events." in text
    assert "`quixstreams=" in text
    assert "`num.stream.threads=" in text


@pytest.mark.parametrize(("load", "told"), [(0.5, False), (0.51, True)])
def test_a_machine_that_others_used_is_said_to_be_shared(load: float, told: bool) -> None:
    machine = replace(MACHINE, cores=2, load_before=load)
    assert ("shared with other work" in str(machine)) is told
