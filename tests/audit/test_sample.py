"""The sample for an audit: of a red row only, the same for everybody, and nobody's choice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from audit.contributions import Contribution, contributions
from audit.explanation import Explanation
from audit.sample import drawn, is_red
from core.engine import Engine
from core.kpis import all_kpis, by_id
from core.rows import Finality, KpiRow, Status
from sim import Day
from sim.story import Scale
from sim.truth import Row, service_records
from tests.core.stories import newest, routed, wib

KPI = by_id()["tri_record_mismatch_pct"]
RED = KpiRow(
    KPI.id, "90d", "city", "city", wib("2026-08-15T00:00"), wib("2026-11-13T00:00"), 26, 100,
    "26.00", Status.OK, Finality.PROVISIONAL, 0, "1.0000", as_of=wib("2026-11-13T00:00"),
)  # fmt: skip
NAMES = [f"k{number}" for number in range(26)]


@pytest.mark.parametrize(
    ("changed", "red"),
    [
        ({}, True),
        ({"value": "25.01"}, True),
        ({"value": "25.00"}, False),
        ({"value": None}, False),
        ({"status": Status.INSUFFICIENT}, False),
    ],
)
def test_red_is_beyond_amber_and_known(changed: dict[str, Any], red: bool) -> None:
    assert is_red(KPI, replace(RED, **changed)) is red
    assert bool(drawn(KPI, replace(RED, **changed), NAMES)) is red


def test_red_where_higher_is_better_or_nothing_is_amber() -> None:
    names = (
        "sipaten_on_time_pct", "privacy_breach_notice_on_time_pct", "tri_corroborated_incident_pct",
    )  # fmt: skip
    rows = [replace(RED, value=value) for value in ("79.99", "80.00", "99.99", "100.00")]
    found = [[is_red(by_id()[name], one) for one in rows] for name in names]
    assert found == [[True, False, False, False], [True, True, True, False], [False] * 4]


@given(st.permutations(NAMES))
def test_it_is_20_of_them_whatever_their_order(names: list[str]) -> None:
    sample = drawn(KPI, RED, [*names, *names])
    assert len(sample) == len(set(sample)) == 20
    assert sample == drawn(KPI, RED, NAMES)


def test_another_window_draws_others_and_another_revision_the_same() -> None:
    later = replace(RED, window_end=wib("2026-11-14T00:00"))
    assert drawn(KPI, later, NAMES) != drawn(KPI, RED, NAMES)
    assert drawn(KPI, replace(RED, revision=3), NAMES) == drawn(KPI, RED, NAMES)


def test_of_fewer_cases_all_are_drawn() -> None:
    assert drawn(KPI, RED, NAMES[:3]) == NAMES[:3]


def test_the_explanation_draws_from_those_who_disagree() -> None:
    found = [Contribution(name, {"n": 1, "d": 1}) for name in NAMES]
    agree = [Contribution(f"agrees {number}", {"d": 1}) for number in range(74)]
    told = Explanation.of(KPI, [replace(RED, value="0.00"), RED], [*found, *agree])
    assert told.sample == drawn(KPI, RED, NAMES)
    assert told.to_json()["sample"] == told.sample
    assert "audit sample" in told.groups()
    green = Explanation.of(KPI, [RED, replace(RED, value="9.00")], [*found, *agree])
    assert green.sample == []
    assert "audit sample" not in green.groups()


@pytest.mark.long
def test_in_a_simulated_city_it_is_drawn_from_those_whom_their_records_contradict() -> None:
    few = Scale(complaints=20, services=20, detections=4, incidents=5, closures=5, grievances=100)
    day = Day(scale=few, days=2)
    told = [e for e in day.events() if e.type.startswith(("complaint", "service", "source"))]
    engine = Engine(2)
    for number, part in enumerate(routed(told, 2)):
        engine.apply(number, part)
    sizes = set()
    for row in newest(engine.tick(day.end, {})).values():
        if row.kpi == KPI.id and row.window_end == day.end:
            scope, span = (row.scope_type, row.scope_id), (row.window_start, row.window_end)
            found = Explanation.of(KPI, [row], contributions(engine, KPI, scope, span)).sample
            true = Row(KPI.id, row.window, *scope, *span, row.numerator, row.denominator)
            said = day.shown(row.identity)
            assert said is not None
            assert found == service_records.sample(day.story, true, said.value)
            sizes.add(len(found))
    assert sizes > {0, 20}


def test_only_the_kpi_that_the_catalogue_names_draws_one() -> None:
    assert {kpi.id for kpi in all_kpis() if kpi.sampled and kpi.green is not None} == {KPI.id}
