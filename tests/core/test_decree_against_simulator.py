"""A day off that is decreed while cases run: the engine against a truth that counts days itself."""

from __future__ import annotations

from datetime import date

import pytest

from core.moment import WIB, to_datetime
from sim import Day
from sim.story import Scale
from sim.truth.complaints import cases_of
from sim.truth.decree import Decree, done_with, on_time_by_day
from tests.core.stories import loaded, newest, told, wib

pytestmark = pytest.mark.long

KPI = "complaint_resolution_on_time_pct"
DAY = Day(scale=Scale(complaints=100, services=1, detections=1, incidents=1))
DECREES = (
    Decree(wib("2026-11-12T10:00"), date(2026, 11, 18)),
    Decree(wib("2026-11-20T12:00"), date(2026, 11, 20)),
)
NONE = Decree(DAY.end, date(2026, 1, 1))
"""Of a day that was free anyway."""
Numbers = dict[date, tuple[int, int]]


def true(decree: Decree) -> Numbers:
    return {day: (good, all_) for day, good, all_ in on_time_by_day(DAY.story, decree)}


def published(decree: Decree) -> Numbers:
    """Day rows of the city with a case in them, when the decree comes in order."""
    events = [e for e in DAY.events() if e.type.startswith("complaint.")]
    free = {"2026": [f"{decree.day:%m-%d}"]}
    events.append(loaded("calendar", decree.at, "decreed", kota=free))
    # Before anything is final: some links are told weeks after what they change.
    first, end = wib("2026-11-01T08:00"), DAY.end
    early = [e for e in events if e.occurred_at < first]
    late = [e for e in events if e.occurred_at >= first]
    rows = newest(told([(first, early), (end, late)], partitions=2))
    return {
        to_datetime(start + WIB).date(): (row.numerator, row.denominator)
        for (kpi, kind, scope, _, start), row in rows.items()
        if (kpi, kind, scope) == (KPI, "1d", "city") and row.denominator
    }


@pytest.mark.parametrize("decree", DECREES, ids=lambda one: f"{one.day}")
def test_cases_that_were_open_are_due_by_the_decree_and_the_others_as_before(
    decree: Decree,
) -> None:
    assert published(decree) == true(decree)


def test_the_story_has_cases_on_both_sides_of_a_decree() -> None:
    first = DECREES[0]
    over = [done_with(case) for case in cases_of(DAY.story)]
    assert any(at is not None and at < first.at for at in over)
    assert any(at is None or at >= first.at for at in over)
    assert true(first) != true(NONE)
    # Of those due on the day itself, only such as were done with before the decree.
    assert 0 < true(first)[first.day][1] < true(NONE)[first.day][1]
