"""What staff have to do happens in every way that it is meant to."""

from __future__ import annotations

import pytest

from core import moment
from sim import Day, duties
from sim.truth import alerts, breaches
from sim.truth.windows import ending

STORY = Day(seed=1, scale=0.1).story


def test_every_plot_happens() -> None:
    assert {one.plot for one in STORY.breaches} == set(duties.BREACHES)
    assert {one.plot for one in STORY.violations} == set(duties.VIOLATIONS)
    assert {one.plot for one in STORY.alerts} == set(duties.ALERTS)


def test_each_breach_is_due_on_the_day_once_and_before_it_once() -> None:
    day = ending("1d", STORY.end)
    on_the_day = [one.plot for one in STORY.breaches if day.holds(breaches.due(one))]
    assert sorted(on_the_day) == sorted(duties.BREACHES)
    assert len(STORY.breaches) == 2 * len(duties.BREACHES)


@pytest.mark.parametrize("plot", duties.BREACHES)
def test_a_breach_is_good_when_it_was_meant_to_be(plot: str) -> None:
    good = {breaches.is_good(one) for one in STORY.breaches if one.plot == plot}
    assert good == {plot in ("both_told", "on_the_dot", "detected_twice")}


def test_an_alert_waits_as_long_as_it_was_meant_to() -> None:
    longest = {"unanswered", "late", "on_the_dot", "auto_resolved_later"}
    for alert in STORY.alerts:
        if alert.times("raised")[0] + 3 * moment.HOUR < STORY.end:
            assert (alerts.left_out(alert) is not None) == (alert.plot in ("test", "auto_resolved"))
            if not alerts.left_out(alert):
                assert (alerts.waited([alert]) == 1800) == (alert.plot in longest)
