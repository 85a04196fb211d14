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


def test_of_some_days_all_signs_of_life_come_at_once_and_afterwards() -> None:
    first = {a.event.event_id: a for a in reversed(TROUBLED.arrivals())}
    came: dict[int, set[int]] = {day: set() for day in TROUBLED.story.days}
    for arrival in first.values():
        day = moment.wib_day_start(arrival.event.occurred_at)
        if arrival.event.type == "source.heartbeat" and day in came:
            came[day].add(arrival.at)
    together = [(day, min(at)) for day, at in came.items() if len(at) == 1]
    assert 0 < len(together) < len(came)
    assert all(moment.DAY < at - day < 7 * moment.DAY for day, at in together)


def test_what_is_late_is_so_by_all_there_is_between_nothing_and_its_lateness() -> None:
    month = Month(trouble=["late"])
    times = range(month.start, month.end, moment.HOUR)
    late = [at - time for time in times if (at := month.post.arrives("complaint", time)) > time]
    shares = [later / longest("complaint") for later in late]
    assert (min(shares) < 0.25, max(shares) > 0.75, 0.4 < sum(shares) / len(shares) < 0.6) == (
        True, True, True,
    )  # fmt: skip


def test_a_runaway_clock_is_over_the_limit() -> None:
    assert TROUBLED.runaways()
    assert all(a.event.occurred_at > a.at + AHEAD for a in TROUBLED.runaways())


def test_an_unknown_trouble_is_refused() -> None:
    with pytest.raises(ValueError, match="flood"):
        Month(trouble=["flood"])
