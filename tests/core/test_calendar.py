"""Working days: the golden examples of the catalogue, another calendar, and two laws."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import moment
from core.calendar import SHIPPED
from tests.core.stories import wib

YEARS = range(2018, 2027)
moments = st.integers(wib("2018-01-01T00:00"), wib("2026-06-30T23:59"))
counts = st.integers(1, 60)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        pytest.param("2026-03-13T10:00", 3, "2026-03-25", id="G1 Lebaran, 3"),
        pytest.param("2026-03-13T10:00", 5, "2026-03-27", id="G1 Lebaran, 5"),
        pytest.param("2026-03-13T10:00", 14, "2026-04-10", id="G1 Lebaran, 14"),
        pytest.param("2026-03-13T10:00", 60, "2026-06-24", id="G1 Lebaran, 60"),
        pytest.param("2026-03-21T09:00", 3, "2026-03-27", id="G2 Idulfitri"),
        pytest.param("2026-12-23T16:00", 3, "2026-12-30", id="G3 Christmas"),
        pytest.param("2026-05-13T23:50", 3, "2026-05-20", id="G3 the last minutes of a day"),
        pytest.param("2026-11-23T08:00", 10, "2026-12-07", id="G4 PPID"),
        pytest.param("2026-11-23T08:00", 17, "2026-12-16", id="G4 PPID, extended"),
    ],
)
def test_golden_due_dates(start: str, days: int, due: str) -> None:
    assert SHIPPED.due(wib(start), days).at == wib(f"{due}T23:59:59.999")


def test_the_day_of_the_start_is_the_day_in_jambi_not_in_utc() -> None:
    monday_in_jambi = moment.parse("2026-11-22T18:30:00Z")
    assert moment.rfc3339(SHIPPED.due(monday_in_jambi, 3).at) == "2026-11-26T16:59:59.999000Z"


def test_the_last_instant_before_midnight_belongs_to_the_day_that_ends() -> None:
    midnight = wib("2026-11-24T00:00")
    assert SHIPPED.due(midnight - 1, 1).at == wib("2026-11-24T23:59:59.999")
    assert SHIPPED.due(midnight, 1).at == wib("2026-11-25T23:59:59.999")


@cache
def official() -> frozenset[date]:
    return frozenset(
        holidays.country_holidays("ID", years=YEARS, categories=("public", "government"))
    )


@pytest.mark.parametrize("year", YEARS)
def test_working_days_are_those_of_the_holidays_package(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    expected = {d for d in days if d.year == year and d.weekday() < 5 and d not in official()}
    assert {d for d in days if d.year == year and SHIPPED.is_working_day(d)} == expected


def test_2026_has_240_working_days() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(SHIPPED.is_working_day, days)) == 240


@pytest.mark.real_data
def test_the_dates_are_those_of_the_shared_data(shared_data: Path) -> None:
    file = shared_data / "reference" / "holidays" / "holidays_pkg_id_2018_2026.csv"
    with file.open(newline="") as lines:
        theirs = {row["date"] for row in csv.DictReader(lines)}
    assert {
        f"{year}-{day}" for year, days in SHIPPED.table.non_working.items() for day in days
    } == theirs


@given(moments, moments, counts)
def test_who_starts_later_is_never_due_earlier(a: int, b: int, days: int) -> None:
    assert SHIPPED.due(min(a, b), days).at <= SHIPPED.due(max(a, b), days).at


@given(moments, counts)
def test_one_more_day_is_due_later(start: int, days: int) -> None:
    assert SHIPPED.due(start, days).at < SHIPPED.due(start, days + 1).at


@given(moments, counts)
def test_due_is_the_last_millisecond_of_a_working_day_in_jambi(start: int, days: int) -> None:
    local = moment.to_datetime(SHIPPED.due(start, days).at + moment.WIB)
    assert SHIPPED.is_working_day(local.date())
    assert local.time().isoformat() == "23:59:59.999000"


@given(moments, counts)
def test_exactly_n_working_days_lie_behind_the_start(start: int, days: int) -> None:
    first = moment.to_datetime(start + moment.WIB).date()
    last = moment.to_datetime(SHIPPED.due(start, days).at + moment.WIB).date()
    after = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(d.weekday() < 5 and d not in official() for d in after) == days
