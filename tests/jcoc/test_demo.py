"""The demonstration: its judgement by hand, and a small day through the real parts."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pytest
from msgspec.structs import replace

from core.kpis import all_kpis
from core.rows import Finality, KpiRow, Status
from jcoc.demo.accounts import unbalanced
from jcoc.demo.day import simulated
from jcoc.demo.verdict import exported, judge

JCOC = str(Path(sys.executable).with_name("jcoc"))
ROWS = [
    KpiRow(
        kpi.id, "1d", "city", "city", 0, 1, 3, 4, "75.00", Status.OK, Finality.FINAL, 0, "1.0000"
    )
    for kpi in all_kpis()
]
TRUTH: list[dict[str, Any]] = [
    {
        "kpi": row.kpi,
        "window": "1d",
        "scope_type": "city",
        "scope_id": "city",
        "window_start": 0,
        "window_end": 1,
        "numerator": 3,
        "denominator": 4,
    }
    for row in ROWS
]
PAGE = (
    'jcoc_source_records_total{outcome="received",source="sikesal"} 7.0\n'
    'jcoc_source_records_total{outcome="received",source="call112"} 3.0\n'
    'jcoc_source_records_total{outcome="accepted",source="sikesal"} 8.0\n'
    'jcoc_source_records_total{outcome="duplicate",source="call112"} 1.0\n'
    'jcoc_source_records_total{outcome="rejected",source="sikesal"} 1.0\n'
)


def test_equal_rows_are_good() -> None:
    assert judge(ROWS, TRUTH).good


def test_one_wrong_numerator_is_not_good() -> None:
    wrong = [replace(ROWS[0], numerator=2), *ROWS[1:]]
    assert not judge(wrong, TRUTH).good


def test_a_row_that_was_never_published_is_not_good() -> None:
    assert not judge(ROWS[1:], TRUTH).good


def test_a_kpi_without_truth_is_not_good() -> None:
    assert not judge(ROWS, TRUTH[1:]).good


def test_the_newest_revision_counts() -> None:
    corrected = [*ROWS, replace(ROWS[0], numerator=1, revision=1)]
    assert not judge(corrected, TRUTH).good


def test_accounts_that_add_up_say_nothing() -> None:
    assert unbalanced(PAGE, {"sikesal": {"rejected": 1}}) == []


@pytest.mark.parametrize(
    ("page", "rejected"),
    [
        pytest.param(PAGE.replace("7.0", "8.0"), 1, id="one record vanished"),
        pytest.param(PAGE, 2, id="one reject too few"),
        pytest.param("", 0, id="no accounts at all"),
    ],
)
def test_accounts_that_do_not_add_up_are_told(page: str, rejected: int) -> None:
    assert unbalanced(page, {"sikesal": {"rejected": rejected}})


def test_a_value_is_found_on_the_page_and_a_missing_value_must_have_no_series() -> None:
    labels = 'finality="final",kpi="k",scope_id="city",scope_type="city",window="1d"'
    page = f"jcoc_kpi_value{{{labels}}} 75.0\n"
    row = replace(ROWS[0], kpi="k")
    assert exported(page, row)
    assert not exported(page, replace(row, value="74.00"))
    assert not exported(page, replace(row, value=None))
    assert exported("", replace(row, value=None))


@pytest.mark.parametrize(("days", "first"), [(1, 20), (3, 18)])
def test_several_days_end_with_the_one_and_share_its_detections(days: int, first: int) -> None:
    day = simulated(0.1, 1, days)
    assert (day.date, day.days) == (date(2026, 11, first), days)
    assert day.scale.detections == 2000 // days


@pytest.mark.long
@pytest.mark.stack
def test_a_small_day_equals_its_truth_and_its_replay(tmp_path: Path) -> None:
    done = subprocess.run(
        [JCOC, "demo", "--scale", "0.1", "--json"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *rows, verdict = map(json.loads, done.stdout.splitlines())
    assert {row["kpi"] for row in rows} == {kpi.id for kpi in all_kpis()}
    assert verdict["good"]
    assert verdict["compared"] > 300
    assert verdict["replay"]["identical"] == verdict["published"]


@pytest.mark.stack
def test_ctrl_c_leaves_no_process_behind(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [JCOC, "demo", "--scale", "0.1"],
        cwd=tmp_path, env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    started: set[psutil.Process] = set()
    end = time.monotonic() + 60
    while len(started) < 5 and time.monotonic() < end:
        started |= set(psutil.Process(demo.pid).children(recursive=True))
        time.sleep(0.2)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(60) != 0
    assert len(started) >= 5
    _, alive = psutil.wait_procs(started, timeout=20)
    assert alive == []
    assert list(tmp_path.glob("jcoc-demo-*")) == []
