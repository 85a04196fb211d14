"""Truth of signal repairs on faults short enough to check by hand."""

from __future__ import annotations

import pytest

from core.moment import HOUR, MINUTE
from sim import Day
from sim.city import intersections
from sim.claims import Claim, Family
from sim.signals import FAULT, Turn
from sim.truth import signals
from sim.truth.triangulation import Incident
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


def first(
    since: float | None, *told: tuple[Family, float, float | None]
) -> tuple[float, str] | None:
    """Who knew of an alarm at 10 o'clock; each told of an hour, some filed at another."""
    name, place = next(iter(intersections().items()))
    claims = [Claim(FAULT, "sensor", place, 10 * HOUR)]
    for family, of, filed in told:
        at = None if filed is None else round(filed * HOUR)
        claims.append(Claim(FAULT, family, place, round(of * HOUR), "", at))
    faults = [] if since is None else [signals.Fault(name, (0,), round(since * HOUR))]
    faults.append(signals.Fault(name, (10 * HOUR,), None))
    found = signals.with_first(faults, [Incident(tuple(claims), monitored=False)])[-1]
    assert found.due == found.known + 24 * HOUR
    return None if found.told is None else (found.told[0] / HOUR, found.told[1])


def test_a_fault_is_known_since_a_citizen_or_a_camera_told_of_it() -> None:
    assert first(None) is None
    assert first(None, ("citizen", 9.5, None), ("sensor", 9.75, None)) == (9.5, "citizen")
    assert first(None, ("citizen", 9.5, 9.9), ("sensor", 9.75, None)) == (9.75, "sensor")
    assert first(None, ("citizen", 10.5, None), ("citizen", 9.5, 11)) is None
    assert first(None, ("officer", 9.5, None)) is None
    assert first(9, ("citizen", 9, None)) == (9, "citizen")
    assert first(9, ("citizen", 8.9, 9.5), ("citizen", 9.7, None)) == (9.7, "citizen")


def test_the_story_has_repairs_in_time_and_late_on_its_day() -> None:
    story = Day(seed=1).story
    rows = [row for truth in signals.TRUTHS for row in truth.rows(story, ending("1d", story.end))]
    assert rows[0].denominator > 10
    assert 0 < rows[0].numerator < rows[0].denominator


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_story_has_faults_that_others_knew_first_and_that_are_late_for_it(seed: int) -> None:
    story = Day(seed=seed, scale=0.1).story
    due = [f for part in signals._due(story, ending("1d", story.end)).values() for f in part]
    assert any(f.told for f in due)
    assert any(f.told and f.back and f.due < f.back <= f.alarms[0] + signals.LIMIT for f in due)
