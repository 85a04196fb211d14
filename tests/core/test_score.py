"""The composite score: golden example G7, and when it is not given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpi import Kpi
from core.kpis import all_kpis, by_id
from core.rows import Finality, KpiRow, Status
from core.score import MOST, Score, counts, reach, score, share
from sim.truth import score as truth

HIGHER = by_id()["complaint_resolution_on_time_pct"]
LOWER = by_id()["complaint_overdue_backlog_pct"]
EVERY = [kpi for kpi in all_kpis() if counts(kpi)]


def row(kpi: Kpi, numerator: int, denominator: int = 100, status: Status = Status.OK) -> KpiRow:
    value = str(Decimal(100 * numerator) / denominator)
    return KpiRow(
        kpi.id, "28d", "city", "city", 0, 1, numerator, denominator, value, status,
        Finality.PROVISIONAL, 0, "1.0000",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kpi", "value", "target", "share"),
    [
        (HIGHER, 92, 95, "0.97"),
        (HIGHER, 99, 95, "1.04"),
        (LOWER, 4, 5, "1.25"),
        (LOWER, 0, 5, "1.25"),
        (LOWER, 20, 5, "0.25"),
        (HIGHER, 0, 95, "0.00"),
        (HIGHER, 100, 50, "1.25"),
    ],
)
def test_golden_example_g7(kpi: Kpi, value: int, target: int, share: str) -> None:
    found = reach(replace(kpi, green=Decimal(target)), Fraction(value))
    assert found is not None
    assert str(round(Decimal(found.numerator) / found.denominator, 2)) == share


def test_an_informational_kpi_has_no_share() -> None:
    assert reach(by_id()["tri_corroborated_incident_pct"], Fraction(50)) is None


@given(st.fractions(0, 1000))
def test_a_share_is_between_nothing_and_a_quarter_more(value: Fraction) -> None:
    for kpi in (HIGHER, LOWER):
        found = reach(kpi, value)
        assert found is not None
        assert 0 <= found <= MOST


def scored(kpis: Iterable[Kpi], rows: Mapping[str, KpiRow]) -> Score:
    kpis = list(kpis)
    shares = {k.id: share(k, rows[k.id]) for k in kpis if k.id in rows}
    return score(kpis, {kpi: one for kpi, one in shares.items() if one is not None})


def test_each_principle_weighs_the_same() -> None:
    one, two, other = _three()
    rows = {one.id: row(one, 95), two.id: row(two, 0), other.id: row(other, 95)}
    found = scored([one, two, other], rows)
    assert (found.value, found.coverage, found.weakest) == (Fraction(3, 4), Fraction(1), two.id)
    assert found.below_target == [two.id]


def _three() -> tuple[Kpi, Kpi, Kpi]:
    made = [replace(HIGHER, id=name, principle=principle, green=Decimal(95))
            for name, principle in (("a1", "A"), ("a2", "A"), ("b1", "B"))]  # fmt: skip
    return made[0], made[1], made[2]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"a1", "a2"}, "coverage 0.33 is below 0.70"),
        ({"a2"}, "coverage 0.67 is below 0.70"),
        (set(), None),
    ],
)
def test_too_little_coverage_suppresses_it(broken: set[str], why: str | None) -> None:
    kpis = _three()
    rows = {
        kpi.id: row(kpi, 95, status=Status.INSUFFICIENT if kpi.id in broken else Status.OK)
        for kpi in kpis
    }
    found = scored(kpis, rows)
    assert (found.suppressed, found.value is None) == (why, why is not None)


def test_a_principle_without_a_sound_kpi_suppresses_it() -> None:
    many = [replace(HIGHER, id=f"a{n}", principle="A") for n in range(9)]
    alone = replace(HIGHER, id="b", principle="B")
    found = scored([*many, alone], {kpi.id: row(kpi, 95) for kpi in many})
    assert (found.value, found.suppressed) == (None, "no KPI is ok for: B")


@given(st.sets(st.sampled_from(EVERY)))
def test_why_it_is_suppressed_is_what_the_truth_says(broken: set[Kpi]) -> None:
    sound = [kpi for kpi in EVERY if kpi not in broken]
    by_principle = Counter({kpi.principle: 0 for kpi in EVERY})
    by_principle.update(kpi.principle for kpi in sound)
    found = score(all_kpis(), {kpi.id: Fraction(1) for kpi in sound})
    assert found.suppressed == truth.suppressed(by_principle, len(EVERY))


def test_nothing_at_all_is_no_score() -> None:
    assert score(EVERY, {}).value is None
