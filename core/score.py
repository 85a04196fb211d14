"""The composite score of the city (catalogue section 7): how far the KPIs reach their targets.

s_k = a/t clamped to 0..1.25 where higher is better; where lower is, t/a clamped, and 1.25 if a = 0.
t is the green limit.  The score is the mean of the principles' means, so that many KPIs of one
principle do not drown the few of another.  It is suppressed below a coverage of 0.70 or when a
principle has no KPI that is ok.  After CityScore of Boston, without its faults: no `ceil`, no mean
of ratios, a perfect zero is not the worst.  Exact fractions; whoever shows them rounds them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from core.kpi import Kpi, decimal_text
from core.rows import KpiRow, Status

MOST = Fraction(5, 4)
"""As Boston's page shows at most (V45b: an inference)."""
LEAST_COVERAGE = Fraction(7, 10)


@dataclass(frozen=True)
class Score:
    """What the KPIs with a sound value make of those that are expected.

    `value` is None where it must not be given, and `suppressed` says why; `shares` are the s_k.
    """

    value: Fraction | None
    suppressed: str | None
    coverage: Fraction
    shares: Mapping[str, Fraction]

    @property
    def weakest(self) -> str | None:
        """The KPI with the smallest share of its target; the first by id of several."""
        return min(self.shares, key=lambda kpi: (self.shares[kpi], kpi), default=None)

    @property
    def below_target(self) -> list[str]:
        """KPIs that do not reach their target, by id."""
        return sorted(kpi for kpi, share in self.shares.items() if share < 1)


def counts(kpi: Kpi) -> bool:
    """Whether the KPI can have a share: one of the catalogue's, and not an informational one."""
    return kpi.in_catalogue and kpi.target is not None and kpi.higher_is_better is not None


def reach(kpi: Kpi, value: Fraction) -> Fraction | None:
    """s_k of one value in the KPI's unit; None for a KPI that does not count."""
    if not counts(kpi) or kpi.target is None:
        return None
    target = Fraction(kpi.target)
    if not kpi.higher_is_better:
        return min(target / value, MOST) if value else MOST
    return min(max(value / target, Fraction(0)), MOST)


def share(kpi: Kpi, row: KpiRow) -> Fraction | None:
    """s_k of a published row, of a percentage not the rounded one (C8); None unless it is ok."""
    if row.status is not Status.OK or row.value is None:
        return None
    exact = Fraction(row.value)
    if kpi.unit == "percent":
        exact = Fraction(100 * row.numerator, row.denominator)
    return reach(kpi, exact)


def score(kpis: Iterable[Kpi], shares: Mapping[str, Fraction]) -> Score:
    """The score of the city from the shares of its sound KPIs, by id."""
    expected = [kpi for kpi in kpis if counts(kpi)]
    parts = [of_principle(expected, name, shares) for name in principles(expected)]
    means = [part.value for part in parts if part.value is not None]
    found = {kpi: share for part in parts for kpi, share in part.shares.items()}
    coverage = _coverage(found, expected)
    why = None
    if coverage < LEAST_COVERAGE:
        why = f"coverage {decimal_text(coverage)} is below {decimal_text(LEAST_COVERAGE)}"
    elif len(means) < len(parts):
        names = zip(principles(expected), parts, strict=True)
        why = f"no KPI is ok for: {', '.join(name for name, part in names if part.value is None)}"
    return Score(None if why else _mean(means), why, coverage, found)


def of_principle(kpis: Iterable[Kpi], name: str, shares: Mapping[str, Fraction]) -> Score:
    """The part of one principle: the mean of its sound KPIs, however many these are."""
    expected = [kpi for kpi in kpis if counts(kpi) and kpi.principle == name]
    found = {kpi.id: shares[kpi.id] for kpi in expected if kpi.id in shares}
    why = None if found else "no KPI is ok"
    return Score(_mean(found.values()), why, _coverage(found, expected), found)


def principles(kpis: Iterable[Kpi]) -> list[str]:
    """The principles that have a KPI that counts, sorted."""
    return sorted({kpi.principle for kpi in kpis if counts(kpi)})


def _mean(numbers: Collection[Fraction]) -> Fraction | None:
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else None


def _coverage(found: Collection[str], expected: Collection[Kpi]) -> Fraction:
    return Fraction(len(found), len(expected)) if expected else Fraction(0)
