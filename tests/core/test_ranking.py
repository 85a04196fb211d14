"""Places by the Wilson interval, held to published intervals and to its own equation."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kpis import all_kpis, by_id
from core.ranking import is_ranked, ranked, wilson
from core.rows import Finality, KpiRow, Status
from tests.core.stories import wib

HIGHER, LOWER = "sipaten_on_time_pct", "complaint_reopen_pct"
END = wib("2026-11-20T00:00")


def row(
    good: int, cases: int, name: str, kpi: str = HIGHER, scope: str = "kecamatan",
    status: Status = Status.OK,
) -> KpiRow:  # fmt: skip
    return KpiRow(
        kpi, "28d", scope, name, END - 1, END, good, cases, "0.00", status,
        Finality.FINAL, 0, "1.0000", as_of=END,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hits", "cases", "bounds"),
    [
        (81, 263, ("25.53", "36.62")),
        (15, 148, ("6.24", "16.05")),
        (0, 20, ("0.00", "16.11")),
        (1, 29, ("0.61", "17.18")),
    ],
)
def test_the_intervals_of_newcombe_1998(hits: int, cases: int, bounds: tuple[str, str]) -> None:
    """Statistics in Medicine 17, 857-872: the score method without continuity correction."""
    assert tuple(f"{bound:.2f}" for bound in wilson(hits, cases)) == bounds


@given(st.integers(1, 10**6), st.data())
def test_both_bounds_solve_the_equation_that_defines_them(cases: int, data: st.DataObject) -> None:
    """(p - bound)^2 = z^2 x bound x (1 - bound) / n."""
    hits = data.draw(st.integers(0, cases))
    z, share = Decimal("1.959963984540054"), Decimal(hits) / cases
    for bound in wilson(hits, cases):
        part = bound / 100
        gap = (share - part) ** 2 - z * z * part * (1 - part) / cases
        assert abs(gap) < Decimal("1e-20")
    low, high = wilson(hits, cases)
    assert 0 <= low <= 100 * share <= high <= 100
    mirrored = wilson(cases - hits, cases)
    assert abs(low + mirrored[1] - 100) < Decimal("1e-20")


@pytest.mark.parametrize(("hits", "cases"), [(0, 0), (2, 1), (-1, 3)])
def test_what_is_no_share_is_refused(hits: int, cases: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(hits, cases)


def test_a_few_perfect_cases_are_no_winner() -> None:
    found = ranked([row(20, 20, "few"), row(96, 100, "many"), row(50, 100, "half")])
    assert [(one.place, one.row.scope_id) for one in found] == [
        (1, "many"),
        (2, "few"),
        (3, "half"),
    ]


def test_where_lower_is_better_the_worst_that_may_be_decides() -> None:
    cases = {"few": (0, 20), "many": (4, 100), "worst": (90, 100)}
    found = ranked(row(*of, name, LOWER, "opd") for name, of in cases.items())
    assert [one.row.scope_id for one in found] == ["many", "few", "worst"]
    assert f"{found[1].high:.2f}" == "16.11", "of its own percentage"


def test_equals_share_a_place_in_the_order_of_their_names() -> None:
    found = ranked([row(20, 40, "b"), row(20, 40, "a"), row(1, 40, "c")])
    assert [(one.place, one.row.scope_id) for one in found] == [(1, "a"), (1, "b"), (3, "c")]


def test_who_has_no_place() -> None:
    rows = [
        row(19, 19, "19 cases"), row(9, 40, "held back", status=Status.INSUFFICIENT),
        row(9, 40, "city", scope="city"), row(9, 40, "ward", scope="kelurahan"),
        row(9, 40, "no such KPI", "gone_pct"),
    ]  # fmt: skip
    assert ranked(rows) == []
    assert len(ranked([*rows, row(19, 20, "20 cases")])) == 1


def test_windows_and_kinds_of_scope_are_not_mixed() -> None:
    found = ranked(
        [row(30, 40, "a"), row(20, 40, "b", LOWER, "opd"), row(10, 40, "c", LOWER, "category")]
    )
    assert [one.place for one in found] == [1, 1, 1]


def test_only_percentages_with_a_direction_are_ranked() -> None:
    can = {kpi.id for kpi in all_kpis() if any(is_ranked(kpi, scope) for scope in kpi.scopes)}
    assert {HIGHER, LOWER} <= can
    assert all(by_id()[name].unit == "percent" for name in can)
    assert "tri_corroborated_incident_pct" not in can, "informational"
    assert "complaint_resolution_hours_p90" not in can, "no share"
