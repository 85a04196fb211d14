"""Windows lie on Jambi's civil time, half open, and each instant is in the right ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import window
from core.moment import DAY, HOUR, MINUTE, rfc3339
from tests.core.stories import wib

moments = st.integers(wib("2018-01-01T00:00"), wib("2027-12-31T00:00"))
kinds = st.sampled_from(window.KINDS)


def spans(kind: str, when: str) -> list[tuple[str, str]]:
    return [(rfc3339(a), rfc3339(b)) for a, b in window.containing(kind, wib(when))]


@pytest.mark.parametrize(
    ("kind", "when", "start", "end"),
    [
        ("5min", "2026-11-20T10:07", "2026-11-20T03:05:00Z", "2026-11-20T03:10:00Z"),
        ("1h", "2026-11-20T10:07", "2026-11-20T03:00:00Z", "2026-11-20T04:00:00Z"),
        ("1d", "2026-11-20T00:00", "2026-11-19T17:00:00Z", "2026-11-20T17:00:00Z"),
        ("1d", "2026-11-20T23:59:59.999", "2026-11-19T17:00:00Z", "2026-11-20T17:00:00Z"),
        ("month", "2026-11-01T00:00", "2026-10-31T17:00:00Z", "2026-11-30T17:00:00Z"),
        ("month", "2026-12-31T23:59", "2026-11-30T17:00:00Z", "2026-12-31T17:00:00Z"),
        ("month", "2024-02-29T12:00", "2024-01-31T17:00:00Z", "2024-02-29T17:00:00Z"),
        ("quarter", "2026-11-20T10:00", "2026-09-30T17:00:00Z", "2026-12-31T17:00:00Z"),
        ("quarter", "2026-03-31T23:59", "2025-12-31T17:00:00Z", "2026-03-31T17:00:00Z"),
        ("quarter", "2026-04-01T00:00", "2026-03-31T17:00:00Z", "2026-06-30T17:00:00Z"),
    ],
)
def test_an_instant_lies_in(kind: str, when: str, start: str, end: str) -> None:
    assert spans(kind, when) == [(start, end)]


def test_a_rolling_week_holds_a_day_seven_times() -> None:
    found = list(window.containing("7d", wib("2026-11-20T10:00")))
    assert [end for _, end in found] == [wib(f"2026-11-{day}T00:00") for day in range(21, 28)]
    assert {end - start for start, end in found} == {7 * DAY}


@given(kinds, moments)
def test_a_window_that_contains_an_instant_begins_by_it_and_ends_after_it(
    kind: str, when: int
) -> None:
    assert all(start <= when < end for start, end in window.containing(kind, when))


@given(kinds, moments, st.integers(0, 40 * DAY))
def test_closing_are_the_ends_in_the_span_each_once_in_order(
    kind: str, after: int, length: int
) -> None:
    found = list(window.closing(kind, after, after + length))
    ends = [end for _, end in found]
    assert ends == sorted(set(ends))
    assert all(after < end <= after + length for end in ends)


@given(kinds, moments)
def test_every_window_that_contains_an_instant_closes_exactly_once(kind: str, when: int) -> None:
    for span in window.containing(kind, when):
        assert span in list(window.closing(kind, span[1] - 1, span[1]))
        assert span not in list(window.closing(kind, span[1], span[1] + HOUR))
        assert span not in list(window.closing(kind, span[0], span[1] - 1))


@given(kinds, moments, st.integers(0, DAY), st.integers(0, DAY))
def test_closing_in_two_steps_is_closing_in_one(kind: str, at: int, a: int, b: int) -> None:
    split = [*window.closing(kind, at, at + a), *window.closing(kind, at + a, at + a + b)]
    assert split == list(window.closing(kind, at, at + a + b))


@given(st.sampled_from(("5min", "1h", "1d")), moments)
def test_a_base_cell_holds_its_instant(base: str, when: int) -> None:
    start = window.base_start(base, when)
    assert start <= when < start + window.base_size(base)
    assert window.base_start(base, start) == start


@given(st.sampled_from(("5min", "1h", "1d")), kinds, moments)
def test_a_window_holds_base_cells_whole_or_not_at_all(base: str, kind: str, when: int) -> None:
    if window.base_size(base) <= {"5min": 5 * MINUTE, "1h": HOUR}.get(kind, DAY):
        start = window.base_start(base, when)
        last = start + window.base_size(base) - 1
        assert list(window.containing(kind, start)) == list(window.containing(kind, last))


def test_days_of_a_month_are_its_civil_days() -> None:
    (month,) = window.containing("month", wib("2026-11-20T00:00"))
    assert list(window.days(month)) == [wib(f"2026-11-{day:02}T00:00") for day in range(1, 31)]


def test_short_is_shorter_than_a_day() -> None:
    assert {kind for kind in window.KINDS if window.is_short(kind)} == {"5min", "1h"}
    assert not window.is_short_window((0, DAY))
    assert window.is_short_window((0, DAY - 1))
