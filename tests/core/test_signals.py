"""KPI 27 on faults short enough to check by hand."""

from __future__ import annotations

import pytest

from core import moment
from core.events import Event
from core.faults import failures, known
from core.kpis import by_id
from core.moment import DAY
from core.signals import Signals
from tests.core.stories import event, row, told, wib

KPI = by_id()["signal_fault_repair_on_time_pct"]
Told = tuple[str, dict[str, int]]
GOOD, BAD = {"n": 1, "d": 1}, {"d": 1}


def alarm(when: str, cause: str | None = None, place: str = "s1") -> Event:
    return event(
        "signal.alarm", wib(f"2026-11-{when}"), "atcs", "", intersection_id=place, cause=cause
    )


def back(when: str, *, confirmed: bool | None = True) -> Event:
    return event(
        "signal.restored", wib(f"2026-11-{when}"), "atcs", f"back:{when}:{confirmed}",
        intersection_id="s1", confirmed=confirmed,
    )  # fmt: skip


def claim(when: str) -> Event:
    return back(when, confirmed=False)


def shares(*events: Event) -> list[Told]:
    """Local time of each share and its counters, whatever the order of the events."""
    found = []
    for order in (events, events[::-1]):
        made = Signals.of(order)
        assert made is not None
        found.append([
            (moment.to_datetime(share.at + moment.WIB).strftime("%dT%H:%M"), dict(share.counters))
            for fault in known(failures(made), ())
            for share in KPI.shares(fault)
        ])  # fmt: skip
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    ("events", "counters"),
    [
        pytest.param([back("03T10:00")], GOOD, id="to the instant"),
        pytest.param([back("03T10:00:00.001")], BAD, id="a moment late"),
        pytest.param([], BAD, id="still dark"),
        pytest.param([claim("02T12:00")], BAD, id="said and never seen"),
        pytest.param([back("02T12:00", confirmed=None)], BAD, id="nobody says seen"),
        pytest.param([claim("03T10:00"), back("03T10:30")], GOOD, id="seen half an hour later"),
        pytest.param([claim("03T10:00"), back("03T10:30:00.001")], BAD, id="seen too late"),
        pytest.param([claim("02T12:00"), back("03T09:00")], GOOD, id="seen late, still in time"),
        pytest.param(
            [claim("02T12:00"), claim("03T10:00"), back("03T10:10")], GOOD, id="said twice"
        ),
        pytest.param([back("02T12:00"), back("05T10:00")], GOOD, id="said again later"),
        pytest.param([alarm("02T15:00"), alarm("03T09:00"), back("03T09:30")], GOOD, id="alarms"),
        pytest.param(
            [back("02T12:00"), alarm("02T13:00"), back("03T11:00")], BAD, id="did not hold"
        ),
        pytest.param(
            [claim("03T09:55"), alarm("03T09:56"), back("03T10:05")], BAD,
            id="what was said before an alarm is void",
        ),
    ],
)  # fmt: skip
def test_back_in_24_hours(events: list[Event], counters: dict[str, int]) -> None:
    assert shares(alarm("02T10:00"), *events) == [("03T10:00", counters)]


def test_more_than_an_hour_of_normal_operation_ends_a_fault() -> None:
    first = [alarm("02T10:00"), back("02T12:00")]
    assert shares(*first, alarm("02T13:00:00.001")) == [("03T10:00", GOOD), ("03T13:00", BAD)]
    assert shares(*first, alarm("02T13:00")) == [("03T10:00", BAD)]


def test_a_claim_that_nobody_confirmed_is_no_normal_operation() -> None:
    found = shares(alarm("02T10:00"), claim("02T12:00"), alarm("05T10:00"))
    assert found == [("03T10:00", BAD)]


def test_a_power_cut_stays_in_and_is_counted_apart() -> None:
    found = shares(alarm("02T10:00", "pln"), back("02T12:00"))
    assert found == [("03T10:00", {"n": 1, "d": 1, "by:pln": 1})]


def test_what_never_failed_cannot_be_repaired() -> None:
    assert shares(back("02T12:00")) == []


def test_a_row_of_the_day_in_which_the_24_hours_end() -> None:
    day = wib("2026-11-03T00:00")
    events = [alarm("02T10:00"), back("02T12:00"), alarm("02T11:00", place="s2")]
    found = row(told([(day + DAY, events)], partitions=3), KPI.id, "1d", day)
    assert (found.numerator, found.denominator, found.value) == (1, 2, "50.00")
    empty = row(told([(day + DAY, [])]), KPI.id, "1d", day)
    assert (empty.denominator, empty.value) == (0, None)


def sent(when: str, place: str = "s1") -> Event:
    return event("signal.dispatched", wib(f"2026-11-{when}"), "atcs", intersection_id=place)


@pytest.mark.parametrize(
    ("events", "counters"),
    [
        pytest.param([sent("02T11:00")], {"~told": 1, "~sent": 1}, id="within the hour"),
        pytest.param([sent("02T11:00:00.001")], {"~told": 1}, id="a moment late"),
        pytest.param([sent("02T10:05"), sent("02T12:00")], {"~told": 1, "~sent": 1}, id="twice"),
        pytest.param([sent("02T09:59")], {}, id="before anything was known"),
        pytest.param([back("02T10:20"), sent("02T10:30")], {}, id="when it was back"),
        pytest.param(
            [claim("02T10:10"), sent("02T10:30")], {"~told": 1, "~sent": 1}, id="only said to work"
        ),
    ],
)  # fmt: skip
def test_a_team_is_sent_within_an_hour_of_the_first_alarm(
    events: list[Event], counters: dict[str, int]
) -> None:
    ((_, found),) = shares(alarm("02T10:00"), *events)
    assert {n: v for n, v in found.items() if n.startswith("~")} == counters
    ((_, alone),) = shares(alarm("02T10:00"), *(e for e in events if e.type != "signal.dispatched"))
    assert {n: v for n, v in found.items() if not n.startswith("~")} == alone


def test_the_share_of_faults_with_a_team_is_of_all_faults_once_anybody_tells_of_teams() -> None:
    day = wib("2026-11-03T00:00")
    events = [alarm("02T10:00", place=f"s{number}") for number in range(1, 5)]
    silent = row(told([(day + DAY, events)]), KPI.id, "1d", day)
    assert "dispatch_1h_pct" not in silent.companions
    late = row(told([(day + DAY, [*events, sent("02T12:00")])]), KPI.id, "1d", day)
    assert late.companions["dispatch_1h_pct"] == "0.00"
    one = row(told([(day + DAY, [*events, sent("02T10:30", "s2")])]), KPI.id, "1d", day)
    assert one.companions["dispatch_1h_pct"] == "25.00"
