"""True numbers of participation (catalogue 19).

Different telephones of those who filed in the window, of 633,650 residents.  What was refused, what
is secret and what an operator keyed in again is nobody's voice: left out, the first of these that
is so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from sim.story import Story
from sim.truth.complaints import cases_of
from sim.truth.kpi import Counts, Reasons, Truth
from sim.truth.windows import CITY, Row, Window

KPI = "reporters_per_100k"
RESIDENTS = 633_650


def voices(story: Story, window: Window) -> list[tuple[str, str | None]]:
    """The telephone of each report of the window, and why it is nobody's voice if it is not."""
    found = []
    for case in cases_of(story):
        if window.holds(case.complaint.submitted_at):
            reason = "duplicate" if case.complaint.origin_ref else None
            reason = "wbs" if case.complaint.kind == "wbs" else reason
            reason = "rejected" if case.ended_without_solution == "rejected" else reason
            found.append((case.complaint.phone, reason))
    return found


def _people(story: Story, window: Window) -> int:
    return len({phone for phone, reason in voices(story, window) if reason is None})


def _unheard(story: Story, window: Window) -> Reasons:
    return {CITY: Counter(reason for _, reason in voices(story, window) if reason)}


def _rows(story: Story, window: Window) -> Iterator[Row]:
    people = _people(story, window)
    yield Row(KPI, window.name, "city", "city", window.start, window.end, people, RESIDENTS)


def _count(story: Story, window: Window) -> Counts:
    return {CITY: _people(story, window)}


# Residents are always there: without a reporter it counts nothing.
TRUTHS = (
    Truth(KPI, ("sikesal",), ("1d", "28d", "year"), _rows, _unheard, _count,
          number=lambda _story, row: Fraction(100_000 * row.numerator, row.denominator)),
)  # fmt: skip
