"""The turn of a year without calendar: the engine against a truth that counts days itself."""

from __future__ import annotations

from datetime import date

import pytest

from core.moment import DAY as DAY_LONG
from core.rows import Finality, KpiRow
from sim import Day
from sim.story import Scale
from sim.truth import new_year
from sim.truth.complaints import cases_of
from sim.truth.windows import CITY, Window
from tests.core.stories import Identity, newest, told, wib

pytestmark = pytest.mark.long

DAY = Day(date=date(2026, 12, 31), scale=Scale(100, services=1, detections=1, incidents=1))
"""Nothing happens after it, but what is open falls due."""
END = wib("2027-01-16T00:00")
FROM = wib("2026-12-28T00:00")


@pytest.fixture(scope="module")
def published() -> dict[Identity, KpiRow]:
    events = [e for e in DAY.events() if e.type.startswith("complaint.")]
    rows = newest(told([(DAY.end, events), (END, [])], partitions=2))
    return {
        i: row for i, row in rows.items()
        if row.kpi in new_year.CLOCKS and FROM < row.window_end <= END
    }  # fmt: skip


@pytest.mark.parametrize("kpi", new_year.CLOCKS)
def test_a_number_is_not_computable_from_the_first_day_on_that_a_limit_may_fall_on(
    kpi: str, published: dict[Identity, KpiRow]
) -> None:
    true = new_year.unknown_from(kpi, cases_of(DAY.story))
    own = [row for row in published.values() if row.kpi == kpi]
    for row in own:
        since = true.get((row.scope_type, row.scope_id), END)
        assert (row.status == "not_computable") is (since < row.window_end), row
        if row.status == "not_computable":
            assert (row.value, row.finality) == (None, Finality.PROVISIONAL)
    # Each scope has days on both sides, or at least the last of them.
    unknown = {(row.scope_type, row.scope_id) for row in own if row.status == "not_computable"}
    assert unknown == true.keys()
    assert FROM + 3 * DAY_LONG < true[CITY] < END - DAY_LONG


@pytest.mark.parametrize("kpi", new_year.CLOCKS)
def test_what_is_known_to_have_fallen_due_is_counted_all_the_same(
    kpi: str, published: dict[Identity, KpiRow]
) -> None:
    spans = {(r.window, r.window_start, r.window_end) for r in published.values() if r.kpi == kpi}
    counted = 0
    for span in sorted(spans):
        true = {
            (row.scope_type, row.scope_id): (row.numerator, row.denominator)
            for row in new_year.rows(kpi, cases_of(DAY.story), Window(*span))
        }
        said = {
            (row.scope_type, row.scope_id): (row.numerator, row.denominator)
            for row in published.values()
            if row.kpi == kpi and (row.window, row.window_start, row.window_end) == span
            if row.denominator or row.scope_type == "city"
        }
        assert said == true, span
        counted += sum(all_ for _, all_ in said.values())
    assert counted
