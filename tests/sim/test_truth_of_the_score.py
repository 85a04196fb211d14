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


def test_the_story_has_a_score_for_the_city_and_for_each_of_the_seven_principles() -> None:
    found = [row for row in rows(Day(seed=1, scale=0.2).story) if row.kpi == score.KPI]
    assert [row.scope_type for row in found] == ["city"] + 7 * ["principle"]
    assert all(0 < row.numerator <= 125 and row.denominator for row in found)
    assert found[0].denominator == sum(row.denominator for row in found[1:])
