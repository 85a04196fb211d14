"""Truth of evidence completeness."""

from __future__ import annotations

from sim.truth import evidence
from sim.truth.windows import Window
from tests.sim.making import wib

DAY = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))
ALIVE = {
    source: [wib("2026-11-20T09:00")] for truth in evidence.daily() for source in truth.sources
}
FEW = {truth.kpi: (1, 99) for truth in evidence.daily()}
ALL = len(FEW)


def reading(source: str) -> int:
    """How many KPIs read a source."""
    return sum(source in truth.sources for truth in evidence.daily())


def complete(left_out: dict[str, tuple[int, int]], beats: dict[str, list[int]]) -> int:
    row = evidence.row(left_out, beats, DAY)
    assert row.denominator == ALL
    return row.numerator


def test_all_sources_alive_and_few_cases_left_out_is_complete() -> None:
    assert complete(FEW, ALIVE) == ALL


def test_a_silent_source_takes_every_kpi_that_reads_it() -> None:
    assert reading("frigate") >= 2
    assert complete(FEW, ALIVE | {"frigate": []}) == ALL - reading("frigate")
    assert complete(FEW, ALIVE | {"sikesal": []}) == ALL - reading("sikesal")
    assert complete(FEW, ALIVE | {"sipaten": [DAY.start - 1, DAY.end]}) == ALL - reading("sipaten")


def test_over_a_fifth_of_the_cases_left_out_is_insufficient() -> None:
    assert complete(FEW | {"sipaten_on_time_pct": (20, 80)}, ALIVE) == ALL
    assert complete(FEW | {"sipaten_on_time_pct": (21, 80)}, ALIVE) == ALL - 1


def test_nothing_happened_is_complete() -> None:
    assert complete(FEW | {"sipaten_on_time_pct": (0, 0)}, ALIVE) == ALL
