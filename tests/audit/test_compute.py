"""Computing from a set of events: no order, no repetition, one law for the clock."""

from __future__ import annotations

import random
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.compute import Computation, compute
from core import topics
from core.events import Event
from core.moment import DAY, HOUR, MINUTE
from core.rows import KpiRow
from tests.audit.city import two_days
from tests.core.random_days import CASES, SENSORS, Segment, days, events
from tests.core.stories import at, case, event, told, wib

EVENTS = [one for _, part in two_days() for one in part]
SETS = st.lists(CASES | SENSORS, max_size=12).map(lambda groups: events(list(chain(*groups))))


def ticks(*moments: int) -> list[Event]:
    return [Event(topics.TICK, f"clock:{moment}", moment, "test") for moment in moments]


def said(rows: list[KpiRow]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What the rows say, by window; not when it was said."""
    return {
        row.identity: (
            row.numerator, row.denominator, row.value, row.status, row.completeness, row.excluded
        )
        for row in rows
    }  # fmt: skip


def complete(rows: list[KpiRow]) -> dict[tuple[Any, ...], KpiRow]:
    found = {row.identity: row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.long
@settings(max_examples=15)
@given(SETS, st.integers(0, 2**32), st.booleans())
def test_order_and_repetition_change_nothing(found: list[Event], seed: int, clock: bool) -> None:
    if clock:
        found = found + ticks(wib("2026-11-19T10:00"), wib("2026-11-22T00:00"))
    chance = random.Random(seed)
    again = found + chance.sample(found, len(found) // 2)
    chance.shuffle(again)
    assert complete(compute(again)) == complete(compute(found))


@pytest.mark.long
@settings(max_examples=10)
@given(days(size=10))
def test_with_all_in_time_the_numbers_are_those_of_the_engine(segments: list[Segment]) -> None:
    """The worker that was told everything before the first tick says the same at the last."""
    moments = [moment for moment, _ in segments]
    found = [one for _, part in segments for one in part]
    whole = told([(moments[0], found), *((moment, []) for moment in moments[1:])])
    engine = {row.identity: row for row in whole if isinstance(row, KpiRow)}
    computed = compute([*found, *ticks(*moments)])
    assert said(computed) == said(list(engine.values()))


def test_two_contents_under_one_id_give_the_same_in_both_orders() -> None:
    a = event("complaint.submitted", at("09:00"), id="x", case_id="1", category="sampah")
    b = event("complaint.submitted", at("09:00"), id="x", case_id="1", category="jalan")
    assert complete(compute([a, b])) == complete(compute([b, a]))


def test_an_empty_set_makes_no_rows() -> None:
    assert compute([]) == []


def test_each_window_has_one_row_with_revision_0() -> None:
    rows = compute([*EVENTS, *ticks(at("11:00"), at("12:00"), wib("2026-11-21T00:00"))])
    assert {row.revision for row in rows} == {0}
    assert len(complete(rows)) == len(rows)
    assert {row.finality.value for row in rows} == {"provisional", "final"}


class TestClock:
    def test_the_ticks_of_the_set_are_the_clock(self) -> None:
        computation = of([*EVENTS, *ticks(at("12:00"), at("10:00"), at("12:00"))])
        assert computation.clock() == [at("10:00"), at("12:00")]

    def test_without_ticks_time_stands_at_the_end_of_the_month(self) -> None:
        assert of(case("K1", ("submitted", "2026-12-31T23:59"))).clock() == [
            wib("2027-01-01T00:00")
        ]
        assert of(case("K1", ("submitted", "2027-01-01T00:00"))).clock() == [
            wib("2027-02-01T00:00")
        ]

    def test_and_at_each_midnight_after_a_sign_of_life_of_the_camera_collector(self) -> None:
        beats = [
            event("source.heartbeat", wib(when), source)
            for when, source in (
                ("2026-11-03T00:00", "frigate"),
                ("2026-11-05T23:59", "frigate"),
                ("2026-11-06T10:00", "sikesal"),
            )
        ]
        expected = [wib("2026-11-04T00:00"), wib("2026-11-06T00:00"), wib("2026-12-01T00:00")]
        assert of(beats).clock() == expected

    def test_now_is_the_last_tick(self) -> None:
        with_clock = [*EVENTS, *ticks(at("10:00"), at("12:00"))]
        assert of(with_clock, at("11:00")).clock() == [at("10:00"), at("11:00")]
        assert of(with_clock, at("12:00")).clock() == [at("10:00"), at("12:00")]
        assert of(with_clock, at("13:00")).clock() == [at("10:00"), at("12:00"), at("13:00")]

    def test_no_window_is_open_and_none_is_closed_too_soon(self) -> None:
        rows = compute(EVENTS, now=at("11:00"))
        assert max(row.window_end for row in rows) == at("11:00")

    def test_what_occurred_after_the_last_tick_has_not_happened(self) -> None:
        later = case("K1", ("rejected", "2026-11-20T11:40"))
        computation = of(EVENTS, at("11:40") - 1)
        rows = computation.rows()
        assert computation.ahead == 1
        assert later[0] in EVENTS
        without = [one for one in EVENTS if one != later[0]]
        assert complete(rows) == complete(compute(without, now=at("11:40") - 1))
        assert said(rows) != said(compute(EVENTS, now=at("11:40")))

    def test_what_occurs_at_the_last_tick_has_happened(self) -> None:
        computation = of(EVENTS, at("11:40"))
        before = of([one for one in EVENTS if one.occurred_at < at("11:40")], at("11:40"))
        assert said(computation.rows()) != said(before.rows())
        assert computation.ahead == 0


class TestCameras:
    """Every day of camera minutes is observed, however many there are."""

    def minutes(self, *starts: int) -> list[Event]:
        found = [
            event("ref.camera", wib("2026-10-01T10:00"), "city", camera_id="c1",
                  nominal_fps=10.0, in_service=True, intersection_id="s1")
        ]  # fmt: skip
        for start in starts:
            for minute in range(20):
                when = start + minute * MINUTE
                found.append(event("source.heartbeat", when, "frigate"))
                if minute < 15:
                    found.append(
                        event("cctv.heartbeat", when, "frigate", camera_id="c1", camera_fps=10.0)
                    )
        return found

    @pytest.mark.parametrize("apart", [HOUR, DAY - HOUR, DAY, 3 * DAY, 17 * DAY])
    def test_of_days_near_and_far_from_each_other(self, apart: int) -> None:
        start = wib("2026-11-02T23:50")
        rows = compute(self.minutes(start, start + apart))
        for scope in ("city", "intersection"):
            days = [
                row for row in rows
                if (row.kpi, row.window, row.scope_type) == ("cctv_availability_pct", "1d", scope)
            ]  # fmt: skip
            assert sum(row.numerator for row in days) == 30
            assert sum(row.denominator for row in days) == 40

    def test_a_camera_that_is_dead_while_the_collector_lives_counts_as_down(self) -> None:
        alive = [one for one in self.minutes(at("09:00")) if one.type != "cctv.heartbeat"]
        day = next(
            row for row in compute(alive)
            if (row.kpi, row.window, row.scope_type, row.window_start)
            == ("cctv_availability_pct", "1d", "city", wib("2026-11-20T00:00"))
        )  # fmt: skip
        assert (day.numerator, day.denominator) == (0, 20)


def of(found: list[Event], now: int | None = None) -> Computation:
    computation = Computation(now)
    for one in found:
        computation.add(one)
    return computation
