"""The composite score of the city (catalogue section 7): how far the KPIs reach their targets.

s_k = a/t clamped to 0..1.25 where higher is better; where lower is, t/a clamped, and 1.25 if a = 0.
t is the green limit.  The score is the mean of the principles' means, so that many KPIs of one
principle do not drown the few of another.  It is suppressed below a coverage of 0.70 or when a
principle has no KPI that is ok.  After CityScore of Boston, without its faults: no `ceil`, no mean
of ratios, a perfect zero is not the worst.  Exact fractions; rounded half-up to 2 decimals at last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.kpi import Kpi, decimal_text
from core.rows import KpiRow, Status

MOST = Fraction(5, 4)
"""As Boston's page shows at most (V45b: an inference)."""
LEAST_COVERAGE = Fraction(7, 10)


@dataclass(frozen=True)
class Score:
    """The score as decimal text, or None and why; what it is made of, each to 2 decimals."""

    value: str | None
    suppressed: str | None
    coverage: str
    principles: Mapping[str, str]
    kpis: Mapping[str, str]

    @property
    def weakest(self) -> str | None:
        """The KPI with the smallest share of its target; the first by id of several."""
        return min(self.kpis, key=lambda kpi: (Decimal(self.kpis[kpi]), kpi), default=None)

    @property
    def below_target(self) -> list[str]:
        """KPIs that do not reach their target, by id."""
        return sorted(kpi for kpi, share in self.kpis.items() if Decimal(share) < 1)


def reach(kpi: Kpi, value: Fraction) -> Fraction | None:
    """s_k of one value in the KPI's unit; None for an informational KPI."""
    if kpi.target is None or kpi.higher_is_better is None:
        return None
    target = Fraction(kpi.target)
    if not kpi.higher_is_better:
        return min(target / value, MOST) if value else MOST
    return min(max(value / target, Fraction(0)), MOST)


def score(kpis: Iterable[Kpi], rows: Mapping[str, KpiRow]) -> Score:
    """The score from one city row of each KPI (by id; missing is not ok)."""
    expected = [kpi for kpi in kpis if kpi.target is not None and kpi.higher_is_better is not None]
    shares: dict[str, Fraction] = {}
    for kpi in expected:
        value = _exact(kpi, rows.get(kpi.id))
        share = None if value is None else reach(kpi, value)
        if share is not None:
            shares[kpi.id] = share
    by_principle: dict[str, list[Fraction]] = {kpi.principle: [] for kpi in expected}
    for kpi in expected:
        if kpi.id in shares:
            by_principle[kpi.principle].append(shares[kpi.id])
    means = {
        name: sum(found, Fraction(0)) / len(found) for name, found in by_principle.items() if found
    }
    coverage = Fraction(len(shares), len(expected)) if expected else Fraction(0)
    why = _suppressed(coverage, sorted(by_principle.keys() - means.keys()))
    return Score(
        None if why else decimal_text(sum(means.values(), Fraction(0)) / len(means)),
        why,
        decimal_text(coverage),
        {name: decimal_text(mean) for name, mean in sorted(means.items())},
        {kpi: decimal_text(share) for kpi, share in sorted(shares.items())},
    )


def _exact(kpi: Kpi, row: KpiRow | None) -> Fraction | None:
    """The row's value; of a percentage not the rounded one (C8)."""
    if row is None or row.status is not Status.OK or row.value is None:
        return None
    if kpi.unit == "percent":
        return Fraction(100 * row.numerator, row.denominator)
    return Fraction(row.value)


def _suppressed(coverage: Fraction, silent: list[str]) -> str | None:
    if coverage < LEAST_COVERAGE:
        return f"coverage {decimal_text(coverage)} is below {decimal_text(LEAST_COVERAGE)}"
    return f"no KPI is ok for: {', '.join(silent)}" if silent else None
