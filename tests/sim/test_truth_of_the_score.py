"""Truth of the composite score: shares of a target by hand, and a story in which all count."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sim import Day
from sim.truth import rows, score


@pytest.mark.parametrize(
    ("kpi", "number", "reached"),
    [
        ("complaint_resolution_on_time_pct", 92, Fraction(92, 95)),
        ("complaint_resolution_on_time_pct", 99, Fraction(99, 95)),
        ("privacy_breach_notice_on_time_pct", 100, Fraction(1)),
        ("complaint_overdue_backlog_pct", 4, Fraction(5, 4)),
        ("complaint_overdue_backlog_pct", 0, Fraction(5, 4)),
        ("complaint_overdue_backlog_pct", 20, Fraction(1, 4)),
        ("complaint_resolution_on_time_pct", 0, Fraction(0)),
    ],
)
def test_a_share_of_the_target_is_that_of_golden_example_7(
    kpi: str, number: int, reached: Fraction
) -> None:
    assert score.share(kpi, Fraction(number)) == reached


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        ({"A": 6, "B": 1}, None),
        ({"A": 6, "B": 0}, "coverage 0.60 is below 0.70"),
        ({"B": 0, "C": 0, "A": 7}, "no KPI is ok for: B, C"),
        ({"A": 0}, "coverage 0.00 is below 0.70"),
    ],
)
def test_the_city_has_none_and_says_why(sound: dict[str, int], why: str | None) -> None:
    assert score.suppressed(sound, 10) == why


def test_the_story_has_a_score_for_the_city_and_for_each_of_the_seven_principles() -> None:
    found = [row for row in rows(Day(seed=1, scale=0.2).story) if row.kpi == score.KPI]
    assert [row.scope_type for row in found] == ["city"] + 7 * ["principle"]
    assert all(0 < row.numerator <= 125 and row.denominator for row in found)
    assert found[0].denominator == sum(row.denominator for row in found[1:])
