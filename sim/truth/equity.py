"""True numbers of the gap between kecamatan (catalogue 21).

For each kecamatan with twenty or more cases of KPI 3 in the window: the share in time of each
category, weighted with how common the category is in the city (of the categories that the kecamatan
has).  The gap is the largest minus the smallest, in hundredths of a percentage point, half up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from sim.areas import kecamatan_of
from sim.story import Story
from sim.truth.complaints import cases_of, national
from sim.truth.kpi import Counts, Truth
from sim.truth.windows import CITY, Row, Window

KPI = "service_equity_gap_pp"
ENOUGH = 20


def hundredths(cases: list[tuple[str, str, bool]]) -> tuple[int, int]:
    """(gap, kecamatan compared) of (kecamatan, category, in time)."""
    found = []
    for place in sorted({place for place, _, _ in cases}):
        own = [(category, good) for where, category, good in cases if where == place]
        if len(own) < ENOUGH:
            continue
        total, weights = Fraction(0), 0
        for category in {category for category, _ in own}:
            verdicts = [good for name, good in own if name == category]
            weight = sum(name == category for _, name, _ in cases)
            total += weight * Fraction(sum(verdicts), len(verdicts))
            weights += weight
        found.append(total / weights)
    if len(found) < 2:
        return 0, len(found)
    return math.floor((max(found) - min(found)) * 10_000 + Fraction(1, 2)), len(found)


def _cases(story: Story, window: Window) -> list[tuple[str, str, bool]]:
    return [
        (kecamatan_of(v.case.complaint.kelurahan_code), v.case.complaint.category, v.good)
        for v in national(cases_of(story), window) if v.left_out is None
    ]  # fmt: skip


def _rows(story: Story, window: Window) -> Iterator[Row]:
    gap = hundredths(_cases(story, window))
    yield Row(KPI, window.name, "city", "city", window.start, window.end, *gap)


def _number(_story: Story, row: Row) -> Fraction | None:
    """One kecamatan has no gap."""
    return Fraction(row.numerator, 100) if row.denominator > 1 else None


def _count(story: Story, window: Window) -> Counts:
    return {CITY: len(_cases(story, window))}


TRUTHS = (Truth(KPI, ("sikesal",), ("90d", "quarter"), _rows, cases=_count, number=_number),)
