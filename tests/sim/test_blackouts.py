"""Signals that fail where others look: the story holds what the rules of alarms can tell apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim import Day, Month
from sim.city import intersections
from sim.signals import watched
from sim.story import Scale, Story
from sim.truth import closures, recall, triangulation
from sim.truth.kpi import Truth
from sim.truth.windows import Row, ending

DAY = Day(scale=Scale(complaints=100, services=20, detections=20, incidents=20)).story


@pytest.mark.parametrize(
    "truth", [*triangulation.TRUTHS, *closures.TRUTHS, *recall.TRUTHS], ids=lambda truth: truth.kpi
)
def test_without_its_alarms_the_day_has_other_numbers(truth: Truth) -> None:
    assert city(truth, DAY) != city(truth, replace(DAY, turns=[]))


def city(truth: Truth, story: Story) -> Row:
    rows = truth.rows(story, ending("1d", story.end))
    return next(row for row in rows if (row.kpi, row.scope_type) == (truth.kpi, "city"))


def test_some_alarms_are_corroborated_and_some_are_not() -> None:
    alarmed = [
        one for one in triangulation.incidents(DAY)
        if one.monitored and any(
            (c.incident, c.family) == ("signal_fault", "sensor") and c.at >= DAY.day
            for c in one.claims
        )
    ]  # fmt: skip
    assert {one.corroborated for one in alarmed} == {True, False}


def test_more_is_told_of_a_few_intersections_than_of_the_others() -> None:
    assert len(watched()) == 10
    assert set(watched()) < intersections().keys()
    assert {turn.intersection_id for turn in DAY.turns}.intersection(watched())


def test_nothing_is_told_after_the_last_day() -> None:
    month = Month(days=3).story
    assert max(turn.at for turn in DAY.turns) < DAY.end
    assert max(turn.at for turn in month.turns) < month.end
