"""Truth of the Kaplan-Meier median of KPI 6, on cases short enough to follow by hand."""

from __future__ import annotations

import pytest

from core import moment
from sim.cases import Complaint
from sim.truth.standing import Standing, standing
from sim.truth.survival import Life, half, life
from sim.truth.windows import Window
from tests.sim.making import complaint, step, wib

DAY = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))
FILED, SOLVED = "2026-11-20T08:00", "2026-11-20T10:00"


def known(made: Complaint) -> Standing:
    found = standing(made, DAY.end)
    assert found is not None
    return found


def hours(*cases: Complaint) -> float | None:
    found = half([known(one) for one in cases], DAY)
    return None if found is None else found / 3600


def solved(filed: str, at: str) -> Complaint:
    return complaint(filed, step("resolved", at))


def test_without_open_cases_it_is_the_age_at_which_half_are_solved() -> None:
    ends = [f"2026-11-20T{hour:02d}:00" for hour in (9, 10, 11, 12, 13, 14, 15, 16, 17, 18)]
    assert hours(*(solved(FILED, at) for at in ends)) == 5


def test_cases_that_stay_open_make_it_longer() -> None:
    ends = [f"2026-11-20T{hour:02d}:00" for hour in (9, 10, 11, 12, 13, 14, 15, 16, 17, 18)]
    open_ones = [complaint(FILED), complaint(FILED)]
    assert hours(*(solved(FILED, at) for at in ends), *open_ones) == 6


def test_a_window_in_which_most_stay_open_never_gets_there() -> None:
    assert hours(*(solved(FILED, SOLVED) for _ in range(4)), *(complaint(FILED),) * 5) is None


def test_fewer_than_five_at_an_age_say_nothing() -> None:
    assert hours(*(solved(FILED, SOLVED) for _ in range(4))) is None
    assert hours(*(solved(FILED, SOLVED) for _ in range(5))) == 2


def test_a_solution_at_the_very_end_is_of_the_next_window() -> None:
    for at, found in (("2026-11-20T23:59:59", 16 * 3600 - 1), ("2026-11-21T00:00:00", None)):
        later = [standing(solved(FILED, at), DAY.end + 1) for _ in range(5)]
        assert half([case for case in later if case], DAY) == found


def test_who_was_open_before_the_window_comes_in_at_the_age_of_then() -> None:
    # Filed a day before at 20:00: 4 h old at midnight, so at the age of 2 h they were not watched.
    old = [solved("2026-11-19T20:00", "2026-11-20T10:00") for _ in range(20)]
    assert hours(*old, *(solved(FILED, SOLVED) for _ in range(5))) == 2


def test_what_ended_before_the_window_is_not_in_it() -> None:
    gone = [solved("2026-11-19T08:00", "2026-11-19T09:00") for _ in range(20)]
    assert hours(*gone, *(solved(FILED, SOLVED) for _ in range(4))) is None


@pytest.mark.parametrize(
    ("case", "followed"),
    [
        (solved(FILED, SOLVED), (7_200, True)),
        (complaint(FILED), (None, False)),
        (complaint(FILED, step("withdrawn", SOLVED)), (7_200, False)),
        (complaint(FILED, step("closed", SOLVED)), (7_200, False)),
    ],
)
def test_how_long_a_case_is_followed(case: Complaint, followed: tuple[int | None, bool]) -> None:
    filed = wib(FILED) // moment.SECOND
    lasted, is_solved = followed
    ended = None if lasted is None else filed + lasted
    assert life(known(case)) == Life(filed, ended, is_solved)


@pytest.mark.parametrize("kind", ["aspiration", "wbs"])
def test_what_is_no_complaint_is_not_followed(kind: str) -> None:
    assert life(known(complaint(FILED, kind=kind))) is None


def test_a_linked_duplicate_is_not_followed_until_it_is_unlinked() -> None:
    linked = step("duplicate_linked", "2026-11-20T08:10", master_case_id="x")
    assert life(known(complaint(FILED, linked))) is None
    assert life(known(complaint(FILED, linked, step("duplicate_unlinked", SOLVED)))) is not None
