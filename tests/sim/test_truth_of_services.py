"""Truth of the Sipaten KPI on requests made by hand."""

from __future__ import annotations

from sim.cases import Service
from sim.truth import services as truth
from sim.truth.windows import Window
from tests.sim.making import request, step, wib

DAY = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))


def city(*services: Service) -> tuple[int, int]:
    row = next(row for row in truth.rows(services, DAY) if row.scope_type == "city")
    return row.numerator, row.denominator


COMPLETE = step("completeness_decided", "2026-11-13T10:00", complete=True)
GRANTED = step("decided", "2026-11-20T23:59:59.999", outcome="granted")


def test_five_working_days_run_from_completeness_to_the_last_millisecond() -> None:
    late = step("decided", "2026-11-21T00:00", outcome="granted")
    assert city(request("2026-11-10T10:00", COMPLETE, GRANTED)) == (1, 1)
    assert city(request("2026-11-10T10:00", COMPLETE, late)) == (0, 1)
    assert city(request("2026-11-10T10:00", COMPLETE)) == (0, 1)


def test_a_refusal_is_a_decision() -> None:
    refused = step("decided", "2026-11-19T10:00", outcome="refused")
    assert city(request("2026-11-10T10:00", COMPLETE, refused)) == (1, 1)


def test_an_incomplete_file_is_in_no_window() -> None:
    incomplete = step("completeness_decided", "2026-11-13T10:00", complete=False)
    assert city(request("2026-11-10T10:00", incomplete)) == (0, 0)


def test_a_withdrawn_request_is_left_out() -> None:
    assert city(request("2026-11-10T10:00", COMPLETE, step("withdrawn", "2026-11-14T10:00"))) == (
        0,
        0,
    )


def test_a_repeat_within_the_hour_of_one_that_counts_is_the_same_request() -> None:
    made = [
        request(f"2026-11-12T{time}", COMPLETE, GRANTED, number=time)
        for time in ("10:00", "10:40", "11:10")
    ]
    assert [service.number for service in truth.without_repeats(reversed(made))] == [
        "10:00",
        "11:10",
    ]
    assert city(*made) == (2, 2)


def test_another_applicant_is_another_request() -> None:
    made = [request("2026-11-12T10:00", COMPLETE, GRANTED, number=nik, nik=nik) for nik in "ab"]
    assert city(*made) == (2, 2)


def test_the_first_completeness_counts() -> None:
    again = step("completeness_decided", "2026-11-16T10:00", complete=True)
    assert city(request("2026-11-10T10:00", COMPLETE, again, GRANTED)) == (1, 1)
