"""The engine against the simulator's own truth, computed from the story without this code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from core import reference, violations
from core.events import Event
from core.law import IN_FORCE, shipped_versions
from core.moment import HOUR, MINUTE, SECOND
from core.rows import KpiRow
from sim import Day
from sim.story import Scale
from tests.core.stories import Identity, loaded, newest, told, untrue

pytestmark = pytest.mark.long

SMALL = Scale(complaints=300, services=200, detections=500, incidents=60)
DAY = Day(scale=SMALL)
STEP = 6 * HOUR


truth = cache(Day.truth)
events = cache(Day.events)


def published(
    day: Day, areas: tuple[str, ...], tables: Iterable[Event] = ()
) -> dict[Identity, KpiRow]:
    """The last revision of each window after the day, with a tick every six hours."""
    ticks = range(day.start, day.end + 1, STEP)
    segments: list[tuple[int, list[Event]]] = [(tick, []) for tick in ticks]
    segments[0][1].extend(tables)
    for event in events(day):
        if event.type.startswith(areas):
            number = max(0, (event.occurred_at - day.start) // (STEP) + 1)
            segments[number][1].append(event)
    return newest(told(segments, partitions=4))


def differences(
    day: Day, *areas: str, tables: Iterable[Event] = ()
) -> list[tuple[Identity, Any, Any]]:
    """Identity, what is true and what was published, where they are not the same.

    `areas`: only events of types that begin so.
    """
    return untrue(truth(day), published(day, areas or ("",), tables))


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(DAY, id="seed 1"),
        pytest.param(Day(seed=11, scale=SMALL), id="seed 11"),
        pytest.param(Day(seed=5, scale=SMALL, silent="frigate", silent_from=9), id="no recorder"),
    ],
)
def test_every_true_row_is_published_as_it_is(day: Day) -> None:
    assert len(truth(day)) > 300
    assert differences(day) == []


@pytest.mark.parametrize(
    ("where", "rule", "value", "area", "kpi"),
    [
        (reference, "DUPLICATE_REQUEST", HOUR // 2, "service", "sipaten_on_time_pct"),
        (
            reference,
            "SAME_CASE_WITHIN",
            2 * HOUR - 1,
            "complaint",
            "complaint_resolution_hours_p90",
        ),
        (reference, "SAME_CASE_METRES", 60, "complaint", "complaint_resolution_on_time_pct"),
        (violations, "SAME_WITHIN", MINUTE - 1, "violation", "etle_followup_pct"),
        (violations, "SAME_WITHIN", MINUTE + SECOND, "violation", "etle_followup_pct"),
    ],
)
def test_another_rule_gives_other_numbers(
    monkeypatch: pytest.MonkeyPatch, where: object, rule: str, value: object, area: str, kpi: str
) -> None:
    monkeypatch.setattr(where, rule, value)
    assert kpi in {identity[0] for identity, _, _ in differences(DAY, area)}


@pytest.mark.parametrize(
    ("name", "changes", "area", "kpi"),
    [
        (
            "sla",
            {"resolution_days": {"info": 5, "non_supervisory": 13, "supervisory": 60}},
            "complaint",
            "complaint_resolution_on_time_pct",
        ),
        ("sla", {"reopen_days": 1}, "complaint", "complaint_resolution_hours_p90"),
        (
            "sla",
            {"sikesal_hours": {"default": 72, "sampah": 23}},
            "complaint",
            "sikesal_local_sla_on_time_pct",
        ),
        ("sla", {"answer_days": 9}, "info", "info_request_on_time_pct"),
        ("service_standard", {"default_days": 4}, "service", "sipaten_on_time_pct"),
        ("service", {"services": {}}, "survey", "ikm_index"),
        ("utility", {"hours": {"sampah": 23}}, "complaint", "env_utility_24h_resolution_pct"),
        (
            "calendar",
            {"kota": {"2026": ["11-10"]}},
            "complaint",
            "complaint_resolution_on_time_pct",
        ),
    ],
)
def test_another_table_gives_other_numbers(
    name: str, changes: dict[str, Any], area: str, kpi: str
) -> None:
    table = loaded(name, DAY.start - 400 * 24 * HOUR, "another", **changes)
    assert kpi in {identity[0] for identity, _, _ in differences(DAY, area, tables=[table])}


def test_loading_what_is_in_force_changes_nothing() -> None:
    tables = [loaded(name, DAY.start, shipped_versions()[name]) for name in IN_FORCE]
    assert published(DAY, ("complaint",), tables) == published(DAY, ("complaint",))
