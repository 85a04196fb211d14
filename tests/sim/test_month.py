"""Days one after the other, and how what happened on them comes in."""

from __future__ import annotations

from datetime import date

import pytest

from core import contract, moment
from core.normalize import AHEAD
from sim import Month
from sim.post import longest
from sim.story import Scale

FEW = Scale(complaints=60, services=40, detections=4, incidents=10, closures=10)
CALM = Month(date=date(2026, 9, 29), days=4, scale=FEW)
TROUBLED = Month(date=date(2026, 9, 29), days=4, scale=FEW, trouble=True)


def test_every_day_has_events_and_all_fit_the_contract() -> None:
    events = CALM.events()
    days = {moment.wib_day_start(event.occurred_at) for event in events}
    assert set(CALM.story.days) <= days
    assert [flaw for event in events if (flaw := contract.flaw(event))] == []
    assert len({event.event_id for event in events}) == len(events)


def test_without_trouble_everything_comes_once_and_when_it_happens() -> None:
    assert [(at, event) for at, event in CALM.arrivals()] == [
        (event.occurred_at, event) for event in CALM.events()
    ]


def test_trouble_on_the_way_loses_and_invents_nothing() -> None:
    arrivals = TROUBLED.arrivals()
    assert {a.event.event_id for a in arrivals} == {e.event_id for e in TROUBLED.events()}
    assert len(arrivals) > len(TROUBLED.events())


def test_nothing_comes_first_after_its_lateness_and_some_comes_before_its_own_clock() -> None:
    first = {a.event.event_id: a for a in reversed(TROUBLED.arrivals())}
    over = [a.at - a.event.occurred_at for a in first.values()]
    assert min(over) < 0 < max(over)
    for arrival in first.values():
        area = arrival.event.type.partition(".")[0]
        assert arrival.at - arrival.event.occurred_at <= max(
            longest(area), 7 * moment.MINUTE, 21 * moment.HOUR * (area == "service")
        )


def test_a_runaway_clock_is_over_the_limit() -> None:
    assert TROUBLED.runaways()
    assert all(a.event.occurred_at > a.at + AHEAD for a in TROUBLED.runaways())


def test_an_unknown_trouble_is_refused() -> None:
    with pytest.raises(ValueError, match="flood"):
        Month(trouble=["flood"])
