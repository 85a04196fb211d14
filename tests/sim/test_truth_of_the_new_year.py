"""Truth of what falls due in a year without calendar, by hand."""

from __future__ import annotations

from sim.truth import new_year
from sim.truth.complaints import known
from sim.truth.windows import CITY, Window
from tests.sim.making import complaint, step, wib

SCREENED, REOPENED = "complaint_verification_on_time_pct", "complaint_reopen_pct"
END = wib("2027-01-01T00:00")
# Monday and Wednesday of the last week: the third working day is the 31st, or no one knows when.
IN_TIME, ACROSS = complaint("2026-12-28T10:00"), complaint("2026-12-30T10:00", source="call112")


def test_three_working_days_from_a_wednesday_end_on_the_first_monday_at_the_earliest() -> None:
    found = new_year.unknown_from(SCREENED, known([IN_TIME, ACROSS], END))
    monday = wib("2027-01-04T00:00")
    assert found[CITY] == found["channel", "call112"] == monday
    assert ("channel", "sikesal") not in found


def test_only_what_is_known_is_counted() -> None:
    december = Window("month", wib("2026-12-01T00:00"), END)
    later = Window("1d", wib("2027-01-04T00:00"), wib("2027-01-05T00:00"))
    cases = known([IN_TIME, ACROSS], END)
    counted = [
        new_year.rows(SCREENED, cases, window)[0].denominator for window in (december, later)
    ]
    assert counted == [1, 0]


def test_a_case_that_is_left_out_is_as_unknown_as_any() -> None:
    solved = step("resolved", "2026-12-20T10:00"), step("rejected", "2026-12-21T10:00")
    found = new_year.unknown_from(REOPENED, known([complaint("2026-12-19T10:00", *solved)], END))
    # The 24th and 25th are free: 21, 22, 23, 28, 29, 30, 31 and three weekdays of January.
    assert found[CITY] == wib("2027-01-05T00:00")


def test_a_limit_that_nobody_set_is_not_unknown() -> None:
    assert new_year.unknown_from(REOPENED, known([IN_TIME], END)) == {}
