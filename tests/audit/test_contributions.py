"""A number taken apart adds up to itself again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from audit.contributions import contributions
from audit.contributors import contributors
from audit.explanation import Explanation
from core import window
from core.cameras import CAMERA
from core.cells import merged
from core.complaints import COMPLAINT
from core.engine import Engine
from core.kpi import OF_ROWS, excluded_counts
from core.kpis import by_id
from core.requests import REQUEST
from core.restatements import Restatement
from core.rows import Finality, KpiRow, Status
from core.triangulation import INCIDENT
from tests.core.random_days import Segment, days
from tests.core.stories import newest, routed


@pytest.mark.long
@settings(max_examples=60)
@given(days())
def test_what_a_window_counts_adds_up_to_what_was_published(segments: list[Segment]) -> None:
    engine, said = Engine(2), list[KpiRow | Restatement]()
    for tick, events in segments:
        for number, part in enumerate(routed(events, 2)):
            engine.apply(number, part)
        said += engine.tick(tick, {})
    for row in newest(said).values():
        kpi = by_id()[row.kpi]
        if window.is_short(row.window) or kpi.subject in (CAMERA, INCIDENT, *OF_ROWS):
            continue
        if row.finality is Finality.FINAL:
            continue  # what came later restates it and does not change it
        if kpi.subject.kept is not None:
            continue  # forgotten when they are final: there is nobody to name
        scope, span = (row.scope_type, row.scope_id), (row.window_start, row.window_end)
        found = contributions(engine, kpi, scope, span)
        counters = merged(one.counters for one in found)
        reading = kpi.reading(counters, row.window_end)
        assert (reading.numerator, reading.denominator) == (row.numerator, row.denominator), row
        assert {**excluded_counts(counters), **reading.left_out} == row.excluded, row
        assert len(contributors(engine, row)) == min(len({one.name for one in found}), 50)
        if kpi.subject in (COMPLAINT, REQUEST) and kpi.unit == "percent" and not kpi.also:
            told = Explanation.of(kpi, [row], found)
            counted = len(told.numerator), len(told.denominator)
            if told.unsettled:  # named apart, for nobody knows yet what they count
                assert row.status is Status.NOT_COMPUTABLE, row
            else:
                assert counted == (reading.numerator, reading.denominator), row
