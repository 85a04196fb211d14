"""The command: both jobs on a real broker are exact, whatever the speed."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import fold
from bench.oracle import Verdict
from jcoc.main import main

EVENTS = 5_000


@pytest.mark.stack
def test_both_implementations_come_to_the_oracles_cells(tmp_path: Path) -> None:
    words = ["bench", "--job=fold", f"--events={EVENTS}", "--repeat=1", "--json"]
    told = CliRunner().invoke(main, [*words, f"--write={tmp_path / 'benchmarks.md'}"])
    assert told.exit_code == 0, told.output
    report = json.loads(told.stdout)
    assert report["exact"] is True
    assert {name: of["events"] for name, of in report["fold"].items()} == {
        "jcoc": EVENTS,
        "plain-faust": EVENTS,
    }
    assert "| jcoc | 5,000 | 1 |" in (tmp_path / "benchmarks.md").read_text()


@pytest.mark.stack
def test_every_mqtt_message_is_followed_to_both_pages() -> None:
    words = ["bench", "--job=delay", "--rate=50", "--seconds=1", "--repeat=1", "--json"]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0, told.output
    (run,) = json.loads(told.stdout)["delay"]["runs"]
    assert (run["messages"], run["lost"], run["doubled"]) == (50, 0, 0)
    assert 0 < run["p50"]["received"] < run["p50"]["shown"]


def test_a_wrong_result_fails_the_command_and_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hasty(_place: object, events: int) -> fold.Run:
        return fold.Run(fold.OURS, events, 0.001, 0.0, 1.0, Verdict(10, 1, 0, 0))

    monkeypatch.setattr(fold, "IMPLEMENTATIONS", {fold.OURS: hasty})
    monkeypatch.setattr("jcoc.commands.bench._place", nullcontext)
    document = tmp_path / "benchmarks.md"
    told = CliRunner().invoke(main, ["bench", "--job=fold", f"--write={document}"])
    assert told.exit_code == 1
    assert "WRONG: 1 missing" in told.output
    assert not document.exists()


@pytest.mark.parametrize(
    ("option", "nearest"), [("--impl=plain-fasut", "plain-faust"), ("--job=folds", "fold")]
)
def test_a_misspelt_name_suggests_the_nearest(option: str, nearest: str) -> None:
    told = CliRunner().invoke(main, ["bench", option])
    assert told.exit_code == 2
    assert f"did you mean {nearest}?" in told.output
