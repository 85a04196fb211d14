"""Days of the simulator one after the other, window by window, against their own truth.

`jcoc month` does the same with 31 days.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.kpis import all_kpis
from core.moment import HOUR
from jcoc.demo.month import run
from sim import Month
from sim.story import Scale

pytestmark = pytest.mark.long

STEP = 6 * HOUR
FEW = Scale(complaints=120, services=80, detections=4, incidents=20, closures=20)
# The second of these days ends a month and a quarter.
DAYS: dict[str, Any] = {"date": date(2026, 9, 29), "days": 3, "scale": FEW}


NOT_HERE = {"jcoc_score share:KPI", "jcoc_score reason", "tri_cctv_recall_pct lead_p50_seconds"}
"""Companions that these few days do not have; the shares are compared, each under its KPI's id."""

REASONS = {
    "auto_resolved", "duplicate", "incomplete", "long_cycle", "no_claim", "no_verification",
    "paused", "record_silent", "test", "unknown_role", "unlinkable", "unlocated", "unregistered",
    "wbs", "withdrawn",
}  # fmt: skip
"""Why cases are left out in these few days; `test_against_simulator` has the others."""


def quietly(_what: str, _share: float) -> None:
    """Nobody watches."""


@pytest.mark.parametrize(
    ("month", "silence"),
    [
        pytest.param(Month(**DAYS), {"source_down"}, id="calm"),
        pytest.param(Month(**DAYS, trouble=True), {"source_down", "not_integrated"}, id="troubled"),
    ],
)
def test_every_row_of_every_window_and_scope_is_true_and_none_is_missing(
    month: Month, silence: set[str]
) -> None:
    verdict = run(month, STEP, quietly).verdict
    assert verdict.differences == []
    assert verdict.tallies.keys() == {kpi.id for kpi in all_kpis()}
    windows = {window for tally in verdict.tallies.values() for window in tally.windows}
    assert windows == {"5min", "1h", "1d", "7d", "28d", "90d", "month", "quarter"}
    assert verdict.statuses == {"ok", "insufficient", "no_data"} | silence
    told = {
        f"{kpi.id} {companion.name}" for kpi in all_kpis() for companion in kpi.companions
        if companion.name not in verdict.companions[kpi.id]
    }  # fmt: skip
    assert told == NOT_HERE
    assert set().union(*verdict.reasons.values()) >= REASONS
    score = verdict.tallies["jcoc_score"]
    assert score.windows == {"28d", "month", "quarter"}
