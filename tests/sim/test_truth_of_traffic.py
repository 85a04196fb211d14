"""Truth of the level of service on quarters short enough to check by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core import moment
from sim import Day
from sim.flows import Measurement
from sim.truth import traffic
from sim.truth.windows import ending
from tests.sim.making import wib

TEN = wib("2026-11-20T10:00")
DAY = ending("1d", wib("2026-11-21T00:00"))


def minutes(*delays: float | None, start: int = TEN, volume: float = 8.0) -> list[Measurement]:
    return [
        Measurement("x", "a", None, start + n * moment.MINUTE, delay, volume)
        for n, delay in enumerate(delays)
    ]


@pytest.mark.parametrize(
    ("found", "delay"),
    [
        (minutes(*[25.0] * 10), "25.0"),
        (minutes(*[25.05] * 10), "25.1"),
        (minutes(*[25.04] * 10), "25.0"),
        ([*minutes(*[10.0] * 10, volume=30.0), *minutes(*[70.0] * 10, volume=10.0)], "25.0"),
        (minutes(*[25.0] * 9), None),
        (minutes(*[25.0] * 9, None), None),
        (minutes(*[25.0] * 10, volume=0.0), None),
    ],
)
def test_the_delay_of_a_quarter(found: list[Measurement], delay: str | None) -> None:
    assert traffic.delay(found) == (None if delay is None else Decimal(delay))


@pytest.mark.parametrize(
    ("clock", "counts"),
    [("05:45", False), ("06:00", True), ("20:45", True), ("21:00", False)],
)
def test_the_hours_that_count(clock: str, counts: bool) -> None:
    found = minutes(*[9.0] * 15, start=wib(f"2026-11-20T{clock}"))
    assert bool(traffic.quarters(found, DAY)) is counts


def test_the_story_has_every_way_of_a_quarter() -> None:
    story = Day(seed=1).story
    found = traffic.quarters(story.measurements, ending("1d", story.end))
    assert len(found) == 3 * 60
    assert {q.good for q in found if q.delay is not None} == {True, False}
    assert Decimal("25.1") in {q.delay for q in found}
    assert 6 <= sum(q.delay is None for q in found) <= 10
