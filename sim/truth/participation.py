"""True numbers of participation (catalogue 19).

Different telephones of those who filed in the window, of 633,650 residents.  What was refused, what
is secret and what an operator keyed in again is nobody's voice.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from sim.story import Story
from sim.truth.complaints import cases_of
from sim.truth.kpi import Counts, Truth
from sim.truth.windows import CITY, Row, Window

KPI = "reporters_per_100k"
RESIDENTS = 633_650


def _people(story: Story, window: Window) -> int:
    return len({
        case.complaint.phone
        for case in cases_of(story)
        if window.holds(case.complaint.submitted_at)
        and case.ended_without_solution != "rejected"
        and case.complaint.kind != "wbs"
        and case.complaint.origin_ref is None
    })  # fmt: skip


def _rows(story: Story, window: Window) -> Iterator[Row]:
    people = _people(story, window)
    yield Row(KPI, window.name, "city", "city", window.start, window.end, people, RESIDENTS)


def _count(story: Story, window: Window) -> Counts:
    return {CITY: _people(story, window)}


# Residents are always there: without a reporter it counts nothing.
TRUTHS = (
    Truth(KPI, ("sikesal",), ("1d", "28d", "year"), _rows, cases=_count,
          number=lambda _story, row: Fraction(100_000 * row.numerator, row.denominator)),
)  # fmt: skip
