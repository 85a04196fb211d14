"""KPI 25 on quarters of an hour short enough to check by hand."""

from __future__ import annotations

import pytest

from core.calendar import SHIPPED
from core.cells import BESIDE
from core.events import Event
from core.fold import Entity, Fold, entity_of
from core.kpis import by_id
from core.moment import DAY, HOUR, MINUTE, SECOND
from core.reference import RAMADAN
from core.traffic import Quarter
from tests.core.stories import at, event, loaded, row, told, wib

KPI = by_id()["intersection_los_ok_pct"]
TEN = at("10:00")
MIDNIGHT = wib("2026-11-20T00:00")
GOOD, BAD = {"n": 1, "d": 1}, {"d": 1}


def measured(
    when: int, delay: float | None = 20.0, volume: float = 10.0, *, approach: str | None = None,
    place: str = "s1",
) -> Event:  # fmt: skip
    return event(
        "traffic.measured", when, "traffic_analytics", f"{place}:{when}:{approach}:{delay}",
        intersection_id=place, camera_id="c1", approach=approach, mean_delay_s=delay,
        volume_smp=volume,
    )  # fmt: skip


def quarter(*delays: float | None, start: int = TEN, volume: float = 10.0) -> list[Event]:
    """One measurement a minute."""
    return [measured(start + n * MINUTE, delay, volume) for n, delay in enumerate(delays)]


def shares(events: list[Event]) -> list[dict[str, int]]:
    made = Quarter.of(reversed(events))
    assert made is not None
    found = list(KPI.shares(made))
    assert all(share.at == made.start for share in found)
    beside = ("peak:", BESIDE)
    return [
        {name: n for name, n in share.counters.items() if not name.startswith(beside)}
        for share in found
    ]


def out(reason: str) -> list[dict[str, int]]:
    return [{f"x:{reason}": 1}]


@pytest.mark.parametrize(
    ("delay", "level"),
    [
        (0.0, "A"), (4.9, "A"), (4.94, "A"), (4.95, "B"), (5.0, "B"), (15.0, "B"), (15.04, "B"),
        (15.05, "C"), (15.1, "C"), (25.0, "C"), (25.049, "C"), (25.05, "D"), (40.0, "D"),
        (40.05, "E"), (60.0, "E"), (60.04, "E"), (60.05, "F"), (300.0, "F"),
    ],
)  # fmt: skip
def test_levels_of_delays_rounded_half_up_to_a_tenth(delay: float, level: str) -> None:
    made = Quarter.of(quarter(*[delay] * 10))
    assert made is not None
    assert made.level == level
    assert shares(quarter(*[delay] * 10)) == [GOOD if level in "ABC" else BAD]


def test_the_delay_is_weighted_with_the_volume_of_the_approaches() -> None:
    both = [
        m for n in range(10) for m in (
            measured(TEN + n * MINUTE, 10.0, 30.0, approach="north"),
            measured(TEN + n * MINUTE, 70.0, 10.0, approach="east"),
        )
    ]  # fmt: skip
    made = Quarter.of(both)
    assert made is not None
    assert (made.tenths, shares(both)) == (250, [GOOD])
    more = [*both, measured(TEN + 10 * MINUTE, 70.0, 1.0)]
    assert shares(more) == [BAD]


def test_decimals_are_those_that_the_source_wrote() -> None:
    """The binary number next to 25.05 is smaller: it would be rounded down to C."""
    exact = [measured(TEN + n * MINUTE, 25.05, 0.1) for n in range(10)]
    assert shares(exact) == [BAD]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(quarter(*[9.0] * 10), [GOOD], id="ten minutes"),
        pytest.param(quarter(*[9.0] * 9), out("few_minutes"), id="nine minutes"),
        pytest.param(
            [*quarter(*[9.0] * 9), measured(TEN + 30 * SECOND)], out("few_minutes"),
            id="twice in one minute is one minute",
        ),
        pytest.param(quarter(*[None] * 15), out("no_delay"), id="only counts"),
        pytest.param(quarter(*[9.0] * 9, None), out("no_delay"), id="delay in nine minutes"),
        pytest.param(quarter(*[9.0] * 10, *[None] * 5), [GOOD], id="delay in ten minutes"),
        pytest.param(quarter(*[-1.0] * 10), out("no_delay"), id="a delay below zero is none"),
        pytest.param(quarter(*[9.0] * 10, volume=0.0), out("no_volume"), id="nobody passed"),
    ],
)  # fmt: skip
def test_valid_minutes(events: list[Event], expected: list[dict[str, int]]) -> None:
    assert shares(events) == expected


@pytest.mark.parametrize(
    ("clock", "counts"),
    [("05:45", False), ("06:00", True), ("20:45", True), ("21:00", False), ("00:00", False)],
)
def test_only_quarters_from_six_to_nine_in_the_evening_count(clock: str, counts: bool) -> None:
    assert shares(quarter(*[9.0] * 15, start=at(clock))) == ([GOOD] if counts else [])


def test_a_quarter_ends_before_the_next_begins() -> None:
    last, first = measured(TEN + 15 * MINUTE - 1), measured(TEN + 15 * MINUTE)
    names = [entity_of(made) for made in (measured(TEN), last, first)]
    assert names[0] == names[1] != names[2]
    assert entity_of(measured(TEN, place="s2")) != names[0]


def published(*events: Event, tick: int = MIDNIGHT + DAY) -> tuple[int, int, str | None]:
    found = row(told([(tick, events)], partitions=3), KPI.id, "1d", MIDNIGHT)
    return found.numerator, found.denominator, found.value


def test_a_day_is_counted_in_quarters() -> None:
    assert published() == (0, 0, None)
    bad = quarter(*[90.0] * 15, start=TEN + HOUR)
    assert published(*quarter(*[9.0] * 15), *bad) == (1, 2, "50.00")


def test_below_the_city_a_row_for_each_intersection() -> None:
    events = [
        measured(at(f"{hour:02}:{n:02}"), 9.0, place=place)
        for place, hours in (("s1", range(6, 12)), ("s2", range(6, 9)))
        for hour in hours for n in range(15)
    ]  # fmt: skip
    said = told([(MIDNIGHT + DAY, events)], partitions=3)
    found = row(said, KPI.id, "1d", MIDNIGHT, ("intersection", "s1"))
    assert (found.numerator, found.denominator, found.value) == (6, 6, "100.00")


def test_a_day_is_forgotten_and_closed_ten_minutes_after_its_end() -> None:
    end = MIDNIGHT + DAY
    fold = Fold()
    for made in quarter(*[9.0] * 10):
        fold.apply(made)
    assert fold.close(end).cells
    assert fold.apply(measured(TEN + 10 * MINUTE, 300.0))
    again = fold.close(end + 10 * MINUTE)
    assert [cell for key, cell in again.cells.items() if key.scope_type == "city"] == [BAD]
    late = measured(TEN + 11 * MINUTE)
    assert not fold.apply(late)
    last = fold.close(end + 11 * MINUTE)
    assert (last.late, last.cells) == ((late,), {})
    assert last.changed == {Entity("traffic", f"s1|{TEN // (15 * MINUTE)}"): ()}
    assert not fold.entities


def test_what_was_forgotten_stays_published() -> None:
    end = MIDNIGHT + DAY
    said = told(
        [(end, quarter(*[9.0] * 10)), (end + 10 * MINUTE, []), (end + DAY, []), (end + 2 * DAY, [])]
    )
    month = row(said, KPI.id, "28d", end + 2 * DAY - 28 * DAY)
    assert (month.numerator, month.denominator) == (1, 1)


def beside(day: str, *more: tuple[int, list[Event]]) -> dict[str, str]:
    """The companions of a day at whose 10:00 a quarter was measured, and of 11:00 another."""
    start = wib(f"{day}T00:00")
    events = [e for h in (10, 11) for e in quarter(*[20.0] * 15, start=start + h * HOUR)]
    said = told([*more, (start + DAY, events)])
    return dict(row(said, KPI.id, "1d", start).companions)


@pytest.mark.parametrize(
    ("day", "holidays", "ramadan"),
    [
        pytest.param("2026-02-18", "0", "0", id="the day before Ramadan"),
        pytest.param("2026-02-19", "0", "2", id="its first day"),
        pytest.param("2026-03-20", "2", "2", id="its last day, cuti bersama"),
        pytest.param("2026-03-21", "2", "0", id="Idul Fitri"),
        pytest.param("2026-08-17", "2", "0", id="Independence Day"),
        pytest.param("2026-08-16", "0", "0", id="a Sunday is no holiday"),
        pytest.param("2027-02-10", None, None, id="a year without decree"),
    ],
)
def test_quarters_on_holidays_and_in_ramadan_are_flagged(
    day: str, holidays: str | None, ramadan: str | None
) -> None:
    found = beside(day)
    assert (found.get("holiday_quarters"), found.get("ramadan_quarters")) == (holidays, ramadan)


def test_a_calendar_that_was_loaded_before_the_day_knows_its_holidays() -> None:
    loading = wib("2026-12-01T00:00")
    decree = {**SHIPPED.table.non_working, "2027": ["02-10"]}
    calendar = loaded("calendar", loading, "skb-2027", non_working=decree)
    assert beside("2027-02-10", (loading + MINUTE, [calendar]))["holiday_quarters"] == "2"


def test_each_ramadan_ends_on_the_eve_of_a_holiday_after_29_or_30_days() -> None:
    for year, (first, last) in RAMADAN.items():
        begins, ends = (wib(f"{year}-{day}T00:00") for day in (first, last))
        assert (ends - begins) // DAY + 1 in (29, 30)
        assert SHIPPED.is_holiday(ends + DAY)
        assert SHIPPED.is_holiday(ends + 2 * DAY)
