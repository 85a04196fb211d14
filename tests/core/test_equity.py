"""KPI 21 as published: what is left out is a share of the cases, not of the places."""

from __future__ import annotations

import pytest

from core.cells import CellKey, Counters
from core.moment import DAY
from core.publication import Publication
from core.rows import Status
from tests.core.stories import row, wib

FRIDAY = wib("2026-11-20T00:00")
KPI = "service_equity_gap_pp"
TWO_PLACES: Counters = {
    "a|15.71.01|sampah": 20, "g|15.71.01|sampah": 20,
    "a|15.71.02|sampah": 20, "g|15.71.02|sampah": 15,
}  # fmt: skip


@pytest.mark.parametrize(
    ("unlocated", "status"),
    [
        pytest.param(0, Status.OK, id="all have a place"),
        pytest.param(10, Status.OK, id="one in five has none"),
        pytest.param(11, Status.INSUFFICIENT, id="more than one in five"),
    ],
)
def test_cases_without_a_place_are_held_against_all_cases(unlocated: int, status: Status) -> None:
    publication = Publication()
    counters = TWO_PLACES | ({"x:unlocated": unlocated} if unlocated else {})
    publication.merge("fold/0", {CellKey(KPI, "city", "city", FRIDAY): counters})
    found = row(publication.close(FRIDAY + DAY, {}), KPI, "90d", FRIDAY - 89 * DAY)
    assert (found.value, found.numerator, found.denominator) == ("25.00", 2500, 2)
    assert found.status is status
