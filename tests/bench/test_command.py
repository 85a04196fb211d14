"""The command: every job on a real broker is exact, whatever the speed."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from bench.attempt import NotRun, Run
from bench.jobs import JOBS
from bench.oracle import Verdict
from jcoc.main import main

EVENTS = 3_000
JDK = all(shutil.which(tool) for tool in ("java", "javac", "mvn"))


@pytest.mark.long
@pytest.mark.stack
@pytest.mark.parametrize("job", JOBS)
def test_every_implementation_comes_to_what_the_oracle_says(job: str, tmp_path: Path) -> None:
    words = ["bench", f"--job={job}", f"--events={EVENTS}", "--repeat=1", "--json"]
    told = CliRunner().invoke(main, [*words, f"--write={tmp_path / 'benchmarks.md'}"])
    assert told.exit_code == 0, told.output
    report = json.loads(told.stdout)
    absent = {one["implementation"] for one in report["not_run"]}
    assert absent == (set() if JDK else {"kafka-streams"}), report["not_run"]
    assert report[job].keys() == JOBS[job].implementations.keys() - absent
    for name, of in report[job].items():
        assert of["events"] == EVENTS, name
        assert of["exact"], name
        assert of["runs"][0]["cpu_s"] > 0, name
    assert "| jcoc | 3,000 | 1 |" in (tmp_path / "benchmarks.md").read_text()


@pytest.mark.stack
def test_every_mqtt_message_is_followed_to_both_pages() -> None:
    words = ["bench", "--job=delay", "--rate=50", "--seconds=1", "--repeat=1", "--json"]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0, told.output
    (run,) = json.loads(told.stdout)["delay"]["runs"]
    assert (run["messages"], run["lost"], run["doubled"]) == (50, 0, 0)
    assert 0 < run["p50"]["received"] < run["p50"]["shown"]


@pytest.mark.long
@pytest.mark.stack
def test_at_scale_totals_are_exact_whatever_happens_to_the_worker(tmp_path: Path) -> None:
    scenarios = ["--impl=hot", "--impl=killed"]
    # Half a minute of events: a worker that comes back in ten seconds still finds some to read.
    words = ["bench", "--job=scale", *scenarios, "--events=60000", "--rate=2000", "--repeat=1"]
    file = tmp_path / "scaling.md"
    told = CliRunner().invoke(main, [*words, "--json", f"--write={file}"])
    assert told.exit_code == 0, told.output
    report = json.loads(told.stdout)
    assert report["exact"]
    hot, killed = (report["scale"][name]["facts"] for name in ("hot", "killed"))
    assert hot["largest_partition_share"] > 0.9
    assert killed["letters"] >= killed["poison"] > 0
    assert killed["killed_at"].count("and") == 1
    assert "| killed | 60,000 | 1 |" in file.read_text()


def test_scale_is_measured_alone() -> None:
    told = CliRunner().invoke(main, ["bench", "--job=scale", "--job=fold"])
    assert told.exit_code == 2
    assert "measure it alone" in told.output


def _measuring(monkeypatch: pytest.MonkeyPatch, *found: Run | NotRun) -> None:
    async def measure(*_args: Any, **_kwargs: Any) -> list[Run | NotRun]:
        return list(found)

    monkeypatch.setattr("bench.job.measure", measure)
    monkeypatch.setattr("jcoc.commands.bench._place", lambda _parts: nullcontext(SimpleNamespace()))


def test_a_wrong_result_fails_the_command_and_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _measuring(monkeypatch, Run("fold", "jcoc", 10, 0.001, 0.0, 1.0, 0.0, Verdict(10, 1, 0, 0)))
    document = tmp_path / "benchmarks.md"
    told = CliRunner().invoke(main, ["bench", "--job=fold", f"--write={document}"])
    assert told.exit_code == 1
    assert "WRONG: 1 missing" in told.output
    assert not document.exists()


def test_who_cannot_run_here_is_said_and_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _measuring(monkeypatch, NotRun("fold", "kafka-streams", "no JDK/Maven"))
    document = tmp_path / "benchmarks.md"
    told = CliRunner().invoke(main, ["bench", "--job=fold", f"--write={document}"])
    assert told.exit_code == 0, told.output
    assert "fold: kafka-streams: not run: no JDK/Maven." in told.output
    assert "- fold, kafka-streams: not run: no JDK/Maven" in document.read_text()


def test_who_failed_fails_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = NotRun("fold", "jcoc", "FAILED: jcoc ended by itself\nits log", failed=True)
    _measuring(monkeypatch, ended)
    told = CliRunner().invoke(main, ["bench", "--job=fold"])
    assert told.exit_code == 1
    assert "FAILED: jcoc ended by itself" in told.output


@pytest.mark.parametrize(
    ("option", "nearest"),
    [
        ("--impl=plain-fasut", "plain-faust"),
        ("--job=folds", "fold"),
        ("--impl=rebalanc", "rebalance"),
    ],
)
def test_a_misspelt_name_suggests_the_nearest(option: str, nearest: str) -> None:
    told = CliRunner().invoke(main, ["bench", option])
    assert told.exit_code == 2
    assert f"did you mean {nearest}?" in told.output
