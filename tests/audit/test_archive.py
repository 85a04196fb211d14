"""The auditor names cases that left the state; they change no number any more."""

from __future__ import annotations

import pytest

from audit.contributions import Contribution, contributions
from core.engine import Engine
from core.kpis import by_id
from core.moment import DAY
from tests.core.stories import case, wib

BEGIN = wib("2026-01-05T00:00")
KPI = by_id()["complaint_resolution_hours_p90"]
OVER = case("1", ("submitted", "2026-01-05T10:00"), ("resolved", "2026-01-06T10:00"))


@pytest.mark.parametrize("archive", [False, True])
def test_a_case_that_left_is_named_by_an_engine_with_an_archive(archive: bool) -> None:
    engine = Engine(1, archive=archive)
    engine.folds[0].close(BEGIN)
    engine.apply(0, OVER)
    for day in (3, 50, 51):
        engine.folds[0].close(BEGIN + day * DAY)
    assert not engine.folds[0].entities
    found = contributions(engine, KPI, ("city", "city"), (BEGIN + DAY, BEGIN + 2 * DAY))
    assert found == ([Contribution("1", {f"s#{DAY // 1_000_000}": 1})] if archive else [])
