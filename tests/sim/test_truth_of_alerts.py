"""Truth of the KPI of alerts on alerts made by hand."""

from __future__ import annotations

import pytest

from core.events import Value
from sim.cases import Duty, Step
from sim.truth import alerts as truth
from sim.truth.windows import Window
from tests.sim.making import step, wib

DAY = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))


def alert(raised: str, *steps: Step, severity: str = "high", **fields: Value) -> Duty:
    first = step("raised", raised, severity=severity, alert_class="flood", **fields)
    return Duty("operator_console", "1", "", [first, *steps])


def taken(clock: str) -> Step:
    return step("acknowledged", f"2026-11-20T{clock}")


def city(*alerts: Duty) -> tuple[int, int]:
    row = next(row for row in truth.rows(alerts, DAY) if row.scope_type == "city")
    return row.numerator, row.denominator


@pytest.mark.parametrize(
    ("clock", "seconds"),
    [("10:01:30.999", 90), ("10:29:59", 1799), ("10:30", 1800), ("11:00", 1800)],
)
def test_it_waits_whole_seconds_and_1800_at_most(clock: str, seconds: int) -> None:
    assert city(alert("2026-11-20T10:00", taken(clock))) == (seconds, 1)


def test_nobody_is_1800_seconds() -> None:
    assert city(alert("2026-11-20T10:00")) == (1800, 1)


def test_it_counts_when_its_half_hour_is_over() -> None:
    assert city(alert("2026-11-19T23:30"), alert("2026-11-20T23:29:59.999"))[1] == 2
    assert city(alert("2026-11-19T23:29:59.999"), alert("2026-11-20T23:30"))[1] == 0


def test_a_test_and_what_went_by_itself_are_left_out() -> None:
    gone = step("resolved", "2026-11-20T10:00:29.999", automatic=True)
    later = step("resolved", "2026-11-20T10:00:30", automatic=True)
    assert truth.left_out(alert("2026-11-20T10:00", gone)) == "auto_resolved"
    assert truth.left_out(alert("2026-11-20T10:00", later)) is None
    assert truth.left_out(alert("2026-11-20T10:00", gone, test=True)) == "test"
    assert city(alert("2026-11-20T10:00", taken("10:01"), test=True)) == (0, 0)


def test_only_high_and_critical_count() -> None:
    found = [alert("2026-11-20T10:00", severity=s) for s in ("low", "medium", "high", "critical")]
    assert city(*found)[1] == 2


def test_the_ninth_of_ten_is_the_number() -> None:
    found = [alert("2026-11-20T10:00", taken(f"10:{minute:02}")) for minute in range(1, 11)]
    assert city(*found) == (540, 10)
    assert city(*found, alert("2026-11-20T10:00", taken("10:20"))) == (600, 11)
