"""KPI 3 of a city whose calendar changes while its cases run: a day off that is decreed later.

Convention C2c: a case that was open when the decree came is due by the new calendar, one that was
done with before keeps the old.  Done with: solved by a resolution that stands, closed, or ended
without a solution, whichever came first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sim import workdays
from sim.story import Story
from sim.truth.complaints import cases_of
from sim.truth.standing import LIMIT, Standing


@dataclass(frozen=True, slots=True)
class Decree:
    """From moment `at` on it is known that `day` is free."""

    at: int
    day: date


def done_with(case: Standing) -> int | None:
    """When the case was over; None while it is open."""
    ends = [step.at for step in case.steps if step.what in {"rejected", "withdrawn", "archived"}]
    if case.times("closed"):
        ends.append(case.times("closed")[0])
    if case.resolved_at is not None:
        ends.append(case.resolved_at)
    return min(ends, default=None)


def due(case: Standing, decree: Decree) -> int | None:
    """Its national limit by the calendar that judges it; None while it waits for its reporter."""
    if case.complete_at is None:
        return None
    over = done_with(case)
    free = None if over is not None and over < decree.at else decree.day
    day, left = workdays.wib_date(case.complete_at), LIMIT[case.sla_class]
    while left > 0:
        day += timedelta(days=1)
        if workdays.is_working(day) and day != free:
            left -= 1
    return workdays.midnight(day + timedelta(days=1)) - 1000


def on_time_by_day(story: Story, decree: Decree) -> Iterator[tuple[date, int, int]]:
    """Each day on which a case of KPI 3 falls due: how many were solved by then, and how many."""
    days: dict[date, list[bool]] = {}
    for case in cases_of(story):
        limit = due(case, decree)
        if limit is not None and limit < story.end and case.left_out is None:
            solved = case.resolved_at
            good = solved is not None and solved <= limit
            days.setdefault(workdays.wib_date(limit), []).append(good)
    for day, found in sorted(days.items()):
        yield day, sum(found), len(found)
