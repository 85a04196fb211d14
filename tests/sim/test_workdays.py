"""The story's own calendar against the worked examples G1 to G4 of the catalogue."""

from __future__ import annotations

from datetime import date

import pytest

from core import moment
from sim import workdays


def wib(text: str) -> int:
    return moment.parse(f"{text}+07:00")


@pytest.mark.parametrize(
    ("start", "days", "last_day"),
    [
        pytest.param("2026-03-13T10:00", 3, "2026-03-25", id="G1 3 days over Lebaran"),
        pytest.param("2026-03-13T10:00", 5, "2026-03-27", id="G1 5 days over Lebaran"),
        pytest.param("2026-03-13T10:00", 14, "2026-04-10", id="G1 14 days over Lebaran"),
        pytest.param("2026-03-13T10:00", 60, "2026-06-24", id="G1 60 days over Lebaran"),
        pytest.param("2026-03-21T09:00", 3, "2026-03-27", id="G2 filed on a holiday"),
        pytest.param("2026-12-23T16:00", 3, "2026-12-30", id="G3 over Christmas"),
        pytest.param("2026-05-13T23:50", 3, "2026-05-20", id="G3 over Ascension"),
        pytest.param("2026-11-23T01:30", 3, "2026-11-26", id="G4 Monday in Jambi, Sunday in UTC"),
        pytest.param("2026-11-23T08:00", 10, "2026-12-07", id="G4 ten days"),
        pytest.param("2026-11-23T08:00", 17, "2026-12-16", id="G4 seventeen days"),
    ],
)
def test_a_case_is_due_in_the_last_millisecond_of_the_working_day(
    start: str, days: int, last_day: str
) -> None:
    assert workdays.due(wib(start), days) == wib(f"{last_day}T23:59:59.999")


@pytest.mark.parametrize(
    ("stopped", "last_day"),
    [
        pytest.param(None, "2026-11-26", id="runs"),
        pytest.param("2026-11-23T12:00", "2026-11-26", id="stopped in the same instant"),
        pytest.param("2026-11-23T11:59", "2026-11-25", id="stopped before"),
    ],
)
def test_a_decree_moves_the_clocks_that_it_finds_running(
    stopped: str | None, last_day: str
) -> None:
    decree = workdays.Decree(wib("2026-11-23T12:00"), date(2026, 11, 24))
    due = decree.due(wib("2026-11-20T10:00"), 3, wib(stopped) if stopped else None)
    assert due == wib(f"{last_day}T23:59:59.999")


def test_2026_has_240_working_days() -> None:
    first = workdays.wib_date(wib("2026-01-01T12:00")).toordinal()
    days = [workdays.wib_date(0).fromordinal(first + offset) for offset in range(365)]
    assert sum(workdays.is_working(day) for day in days) == 240
