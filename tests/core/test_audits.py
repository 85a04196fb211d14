"""Runs of the replay, and what KPI 18 makes of them."""

from __future__ import annotations

import pytest

from core.audits import Audit
from core.kpis import by_id
from tests.core.stories import at, event

KPI = by_id()["replay_reproducibility_pct"]


@pytest.mark.parametrize(
    ("compared", "identical", "counters"),
    [
        (288, 288, {"n": 288, "d": 288}),
        (288, 287, {"n": 287, "d": 288}),
        (3, 0, {"d": 3}),
        (3, 5, {"n": 3, "d": 3}),
        (0, 0, None),
    ],
)
def test_a_run_counts_its_rows_on_its_day(
    compared: int, identical: int, counters: dict[str, int] | None
) -> None:
    told = event(
        "audit.replayed", at("09:00"), "audit", case_id="r|k", kpi="k",
        compared=compared, identical=identical,
    )  # fmt: skip
    run = Audit.of([told, told])
    assert run is not None
    assert run.scopes == {"city": "city", "category": "k"}
    shares = [(share.at, dict(share.counters)) for share in KPI.shares(run)]
    assert shares == ([(at("09:00"), counters)] if counters else [])


def test_nothing_told_is_no_run() -> None:
    assert Audit.of([]) is None
