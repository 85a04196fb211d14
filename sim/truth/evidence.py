"""True numbers of evidence completeness (catalogue 17).

For a day the cells that should exist are all other KPIs of the catalogue with a row for each day,
at city scope, whose sources were ever heard of before the day's end, or that count something all
the same.  A cell is complete when its 1d row is ok or no_data (not insufficient: over 20 % of its
cases left out, C9, or fewer cases than its rule demands) and each of its sources showed a sign of
life that day.  The share left out is left / (left + denominator) of the cases that would have
counted in the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sim.truth.kpi import Truth, truths
from sim.truth.windows import Row, Window

KPI = "kpi_evidence_completeness_pct"
TOO_MANY = Fraction(20, 100)


def daily() -> list[Truth]:
    """KPIs of the catalogue that have a row for each day."""
    return [truth for truth in truths() if truth.in_catalogue and "1d" in truth.windows]


def share_left_out(left_out: int, denominator: int) -> Fraction:
    """Share of the cases left out; 0 without any case."""
    return Fraction(left_out, left_out + denominator) if left_out else Fraction(0)


def row(left_out: Mapping[str, tuple[int, int]], beats: Mapping[str, list[int]], window: Window
        ) -> Row:  # fmt: skip
    """The city's row; `left_out` holds (left out, denominator) of each KPI's 1d row."""
    complete = expected = 0
    for truth in daily():
        known = all(any(at < window.end for at in beats.get(s, ())) for s in truth.sources)
        if not known and left_out[truth.kpi][1] == 0:
            continue
        expected += 1
        enough = share_left_out(*left_out[truth.kpi]) <= TOO_MANY
        enough &= not 0 < left_out[truth.kpi][1] < truth.least
        alive = all(
            any(window.holds(at) for at in beats.get(source, ())) for source in truth.sources
        )
        complete += enough and alive
    return Row(KPI, window.name, "city", "city", window.start, window.end, complete, expected)
