"""A day off that is decreed while cases run: the engine against a truth that counts days itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from core.moment import DAY as LONG
from sim import Day
from sim.story import Scale
from sim.truth.kpi import truths
from sim.truth.windows import ending
from sim.workdays import NO_DECREE, Decree
from tests.core.stories import Identity, loaded, newest, told, wib

pytestmark = pytest.mark.long

OBJECTIONS = "complaint_reopen_pct"
CLOCKS = (
    "business_permit_on_time_pct", "complaint_first_response_on_time_pct", OBJECTIONS,
    "complaint_resolution_on_time_pct", "complaint_verification_on_time_pct",
    "info_request_on_time_pct", "sipaten_on_time_pct",
)  # fmt: skip
FOLLOWING = (
    "case_events_unexpected_pct", "complaint_overdue_backlog_pct", "service_equity_gap_pp",
)  # fmt: skip
"""They ask whether an extension is in time, and when KPI 3 is due."""
LIVES = ("complaint.", "service.", "info.", "privacy.", "violation.", "alert.", "signal.")
DAY = Day(scale=Scale(complaints=200, services=200, detections=1, incidents=1))
BEFORE, END = wib("2026-10-24T00:00"), wib("2026-12-06T00:00")
"""Nothing is final yet: some links are told weeks after what they change.  What is open after the
day falls due."""
DECREES = (
    Decree(wib("2026-11-16T10:00"), date(2026, 11, 18)),
    Decree(wib("2026-11-20T12:00"), date(2026, 11, 19)),
)
"""Told before the day, and after it."""
TRUTHS = {truth.kpi: truth for truth in truths() if truth.kpi in (*CLOCKS, *FOLLOWING)}
Numbers = dict[Identity, tuple[int, int, Mapping[str, int]]]
"""Numerator, denominator, and who is left out, by why."""


class _AsBegun(Decree):
    def due(self, start: int, days: int, _stopped: int | None) -> int:
        return super().due(start, days, start)


def wrong(decree: Decree) -> Mapping[str, Decree]:
    """Other rules than C2c."""
    return {
        "none": NO_DECREE,
        "newest": Decree(0, decree.day),
        "as begun": _AsBegun(decree.at, decree.day),
    }


@cache
def true(kpi: str, decree: Decree) -> Numbers:
    """Rows of every scope with a case in them, of its shortest window."""
    truth, story, found = TRUTHS[kpi], replace(DAY.story, decree=decree), Numbers()
    for at in range(BEFORE + LONG, END + 1, LONG):
        window = ending(truth.windows[0], at)
        rows = {row.scope: row for row in truth.rows(story, window) if row.denominator}
        left_out = truth.left_out(story, window)
        for scope in rows.keys() | left_out.keys():
            row, gone = rows.get(scope), left_out.get(scope, {})
            counted = (row.numerator, row.denominator) if row else (0, 0)
            found[kpi, window.name, *scope, window.start] = (*counted, gone)
    return found


def published(decree: Decree) -> Numbers:
    """What has a case in it when the decree comes in order."""
    events = [e for e in DAY.events() if e.type.startswith(LIVES)]
    free = {"2026": [f"{decree.day:%m-%d}"]}
    events.append(loaded("calendar", decree.at, "decreed", kota=free))
    ticks = (BEFORE, decree.at, END)
    rows = newest(told(
        [(tick, [e for e in events if last <= e.occurred_at < tick])
         for last, tick in zip((0, *ticks), ticks, strict=False)], partitions=2,
    ))  # fmt: skip
    return {
        identity: (row.numerator, row.denominator, row.excluded) for identity, row in rows.items()
        if (row.denominator or row.excluded) and row.window_end > BEFORE
    }  # fmt: skip


def of(numbers: Numbers, kpi: str, window: str) -> Numbers:
    return {i: number for i, number in numbers.items() if i[:2] == (kpi, window)}


@pytest.mark.parametrize("decree", DECREES, ids=lambda one: f"{one.day}")
def test_a_clock_that_ran_is_due_by_the_decree_and_one_that_was_stopped_as_before(
    decree: Decree,
) -> None:
    rows = published(decree)
    for kpi, truth in TRUTHS.items():
        assert of(rows, kpi, truth.windows[0]) == true(kpi, decree), kpi


@pytest.mark.parametrize("kpi", CLOCKS)
def test_any_other_rule_would_give_other_numbers(kpi: str) -> None:
    decree = DECREES[0]
    same = {name for name, law in wrong(decree).items() if true(kpi, law) == true(kpi, decree)}
    # A resolution begins the time to object, and settles it.
    assert same == ({"as begun"} if kpi == OBJECTIONS else set())


@pytest.mark.parametrize("kpi", FOLLOWING)
def test_a_decree_moves_what_follows_from_the_due_instant(kpi: str) -> None:
    assert true(kpi, DECREES[0]) != true(kpi, NO_DECREE)
