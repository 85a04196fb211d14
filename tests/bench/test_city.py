"""The jobs of a whole city: small, but whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.city import stories
from bench.city.year import judge
from jcoc.main import main

ROW = {
    "kpi": "sipaten_on_time_pct", "window": "28d", "scope_type": "city", "scope_id": "city",
    "window_start": "2026-02-03T17:00:00Z", "window_end": "2026-03-03T17:00:00Z",
    "numerator": 3, "denominator": 4,
}  # fmt: skip


def bench(*words: str) -> dict[str, Any]:
    told = CliRunner().invoke(main, ["bench", *words, "--repeat=1", "--json"])
    assert told.exit_code == 0, told.output
    report: dict[str, Any] = json.loads(told.stdout)
    return report


@pytest.mark.long
def test_a_small_year_equals_the_independent_count(tmp_path: Path) -> None:
    file = tmp_path / "city.md"
    report = bench("--job=year", "--events=6000", f"--write={file}")
    (run,) = report["year"]["compute"]["runs"]
    assert report["exact"]
    assert run["verdict"]["known"] > 100
    assert run["facts"]["rows"] > 10_000
    assert run["cpu_s"] > 0
    assert "rows equal the independent count" in file.read_text()


def test_a_row_that_is_missing_or_off_by_one_is_wrong() -> None:
    assert judge([ROW], [ROW, {**ROW, "kpi": "other", "numerator": 1}]).exact
    assert not judge([ROW], [{**ROW, "numerator": 2}]).exact
    assert not judge([ROW], []).exact
    assert not judge([], [ROW]).exact


def test_every_case_is_resolved_or_completed_on_one_day() -> None:
    assert sum(stories.expected(300).values()) == 300
    assert len(list(stories.cases(300))) == 300 * stories.AVERAGE
    assert all(event.occurred_at < stories.END for event in stories.cases(300))


@pytest.mark.stack
def test_cases_through_a_worker_are_counted_in_their_days_and_restored() -> None:
    report = bench("--job=cases", "--job=restore", "--events=600")
    assert report["exact"]
    assert report["restore"]["jcoc"]["facts"]["open_cases"] == 600


def test_the_jobs_of_a_city_have_a_table_of_their_own() -> None:
    told = CliRunner().invoke(main, ["bench", "--job=year", "--job=fold"])
    assert told.exit_code == 2
    assert "a table and a file of their own" in told.output
