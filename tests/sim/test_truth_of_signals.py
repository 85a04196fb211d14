"""Truth of signal repairs on faults short enough to check by hand."""

from __future__ import annotations

import pytest

from core.moment import HOUR, MINUTE
from sim import Day
from sim.signals import Turn
from sim.truth import signals
from sim.truth.windows import ending

END = 100 * HOUR


def found(*turns: tuple[str, float]) -> list[tuple[float, float | None]]:
    """Hours of the first alarm of each fault and of when it was back."""
    made = [Turn("x", what, round(hours * HOUR)) for what, hours in turns]
    return [
        (fault.alarms[0] / HOUR, None if fault.back is None else fault.back / HOUR)
        for fault in signals.faults(made, END)
    ]


@pytest.mark.parametrize(
    ("turns", "back"),
    [
        ([("seen", 5)], 5),
        ([("said", 5)], None),
        ([("said", 5), ("seen", 5.5)], 5),
        ([("said", 5), ("seen", 5.6)], 5.6),
        ([("seen", 5), ("alarm", 6)], None),
        ([("seen", 5), ("alarm", 6), ("seen", 30)], 30),
        ([], None),
    ],
)
def test_a_signal_is_back(turns: list[tuple[str, float]], back: float | None) -> None:
    assert found(("alarm", 1), *turns) == [(1, back)]


def test_more_than_60_minutes_later_it_failed_anew() -> None:
    assert found(("alarm", 1), ("seen", 5), ("alarm", 6 + MINUTE / HOUR)) == [
        (1, 5), (6 + MINUTE / HOUR, None),
    ]  # fmt: skip


def test_the_story_has_repairs_in_time_and_late_on_its_day() -> None:
    story = Day(seed=1).story
    rows = [row for truth in signals.TRUTHS for row in truth.rows(story, ending("1d", story.end))]
    assert rows[0].denominator > 10
    assert 0 < rows[0].numerator < rows[0].denominator
