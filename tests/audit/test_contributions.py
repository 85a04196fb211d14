"""A number taken apart adds up to itself again."""

from __future__ import annotations

from hypothesis import given, settings

from audit.contributions import contributions
from audit.contributors import contributors
from audit.explanation import Explanation
from core import window
from core.cameras import CAMERA
from core.engine import Engine
from core.kpi import ROWS
from core.kpis import by_id
from core.publication import Restatement
from core.rows import KpiRow
from core.triangulation import INCIDENT
from tests.core.random_days import Segment, days
from tests.core.stories import newest, routed


@settings(max_examples=60)
@given(days())
def test_the_cases_of_a_window_are_its_numerator_and_its_denominator(
    segments: list[Segment],
) -> None:
    engine, said = Engine(2), list[KpiRow | Restatement]()
    for tick, events in segments:
        for number, part in enumerate(routed(events, 2)):
            engine.apply(number, part)
        said += engine.tick(tick, {})
    for row in newest(said).values():
        if not window.is_short(row.window) and _is_a_share_of_cases(row):
            assert _counted(engine, row) == (row.numerator, row.denominator, row.excluded), row


def _is_a_share_of_cases(row: KpiRow) -> bool:
    kpi = by_id()[row.kpi]
    return kpi.unit == "percent" and kpi.subject not in (CAMERA, INCIDENT, ROWS)


def _counted(engine: Engine, row: KpiRow) -> tuple[int, int, dict[str, int]]:
    kpi, scope = by_id()[row.kpi], (row.scope_type, row.scope_id)
    found = contributions(engine, kpi, scope, (row.window_start, row.window_end))
    told = Explanation.of(kpi, [row], found)
    assert len(contributors(engine, row)) == min(len(found), 50)
    left_out = {reason: len(names) for reason, names in told.excluded.items()}
    return len(told.numerator), len(told.denominator), left_out
