"""The engine against the simulator's own truth, computed from the story without this code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from core import complaints, counterparts, reference, storms, violations
from core.closures import Report
from core.events import Event
from core.law import SHIPPED
from core.lifecycle import Step
from core.lifecycles import complaint_link
from core.moment import DAY as DAY_LONG
from core.moment import HOUR, MINUTE, SECOND
from core.rows import KpiRow
from core.twins import Twins
from jcoc.demo.verdict import Verdict, judge_all
from sim import Day
from sim.story import Scale
from tests.core.stories import Identity, loaded, newest, told, untrue

pytestmark = pytest.mark.long

SMALL = Scale(complaints=300, services=200, detections=500, incidents=60)
DAY = Day(scale=SMALL)
STEP = 6 * HOUR


truth = cache(lambda day: day.truth(STEP))
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


@cache
def compared(day: Day) -> Verdict:
    """All that the day's rows say, held against all that is true."""
    return judge_all(published(day, ("",)).values(), day, STEP)


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
def test_every_row_is_as_it_should_be_in_all_that_it_says_and_none_is_missing(day: Day) -> None:
    verdict = compared(day)
    assert verdict.differences == []
    assert verdict.compared > 7_000


@pytest.mark.parametrize(
    ("kpi", "reasons"),
    [
        ("complaint_resolution_hours_p90", {"duplicate", "rejected", "withdrawn"}),
        ("complaint_overdue_backlog_pct", {"aspiration", "paused", "wbs"}),
        ("reporters_per_100k", {"duplicate", "rejected", "wbs"}),
    ],
)
def test_who_is_left_out_of_kpi_6_7_and_19_was_compared(kpi: str, reasons: set[str]) -> None:
    assert compared(DAY).reasons[kpi] == reasons


def test_a_score_that_is_suppressed_says_why() -> None:
    few = Scale(complaints=20, services=20, detections=4, incidents=5, closures=5, grievances=10)
    day = Day(days=2, scale=few, silent="sikoja", silent_from=-100 * 24)
    rows = published(day, ("",))
    assert judge_all(rows.values(), day, STEP).differences == []
    score = rows["jcoc_score", "28d", "city", "city", day.end - 28 * DAY_LONG]
    why = "no KPI is ok for: Demokrasi & partisipasi"
    assert (score.value, score.details["reason"]) == (None, why)


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
        (storms, "WITHIN", MINUTE - 1, "alert", "alert_ack_seconds_p90"),
        (storms, "WITHIN", MINUTE + SECOND, "alert", "alert_ack_seconds_p90"),
        (storms, "METRES", 147, "alert", "alert_ack_seconds_p90"),
        (storms, "METRES", 153, "alert", "alert_ack_seconds_p90"),
    ],
)
def test_another_rule_gives_other_numbers(
    monkeypatch: pytest.MonkeyPatch, where: object, rule: str, value: object, area: str, kpi: str
) -> None:
    monkeypatch.setattr(where, rule, value)
    assert kpi in {identity[0] for identity, _, _ in differences(DAY, area)}


def _nobody(_twins: Twins, _matter: str) -> frozenset[str]:
    return frozenset()


def _which_were_not_refused(twins: Twins, matter: str) -> frozenset[str]:
    return twins.reports(matter)


def _which_still_tells(report: Report) -> Report:
    return replace(report, left_out=report.left_out or "duplicate")


@pytest.mark.parametrize(
    ("where", "rule", "value", "found"),
    [
        (Twins, "claims", _nobody, {
            "tri_corroborated_incident_pct", "tri_cctv_contradiction_pct", "tri_cctv_recall_pct",
        }),
        (Twins, "claims", _which_were_not_refused, {"tri_cctv_contradiction_pct"}),
        (Twins, "reports", _nobody, {"tri_false_closure_pct"}),
        (Report, "as_copy", _which_still_tells, {"tri_false_closure_pct"}),
        (counterparts, "copies_of", lambda _: [], {"tri_record_mismatch_pct"}),
    ],
)  # fmt: skip
def test_who_tells_twice_would_count_twice(
    monkeypatch: pytest.MonkeyPatch, where: object, rule: str, value: object, found: set[str]
) -> None:
    monkeypatch.setattr(where, rule, value)
    verdict = judge_all(published(DAY, ("",)).values(), DAY, STEP)
    assert {kpi for kpi in found if any(kpi in said for said in verdict.differences)} == found


FROM_THE_FIRST_FILING = {
    "complaint_overdue_backlog_pct", "complaint_resolution_hours_p90",
    "complaint_resolution_on_time_pct", "complaint_verification_on_time_pct",
    "env_utility_24h_resolution_pct", "service_equity_gap_pp", "sikesal_local_sla_on_time_pct",
}  # fmt: skip
"""Whose clocks begin with it (C3, iii)."""


def _none(_steps: Sequence[Step]) -> dict[str, int]:
    return {}


def _ever(steps: Sequence[Step]) -> dict[str, int]:
    """Those that were taken back too."""
    words = [(s.event.text("duplicate_case_id"), s.event.whole("submitted_at")) for s in steps]
    return {name: at for name, at in words if at is not None}


def _newest(steps: Sequence[Step]) -> dict[str, int]:
    return dict([*complaint_link.copies(steps).items()][-1:])


def _as_said_first(steps: Sequence[Step]) -> dict[str, int]:
    kept = complaint_link.copies(steps)
    return {name: _ever([s for s in steps if s.event.text("duplicate_case_id") == name][:1])[name]
            for name in kept}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        (_none, FROM_THE_FIRST_FILING),
        (_ever, FROM_THE_FIRST_FILING),
        (_newest, FROM_THE_FIRST_FILING - {"complaint_resolution_hours_p90"}),
        (_as_said_first, {"complaint_resolution_on_time_pct", "env_utility_24h_resolution_pct"}),
    ],
)
def test_another_master_keeps_other_filings(
    monkeypatch: pytest.MonkeyPatch,
    rule: Callable[[Sequence[Step]], dict[str, int]],
    found: set[str],
) -> None:
    monkeypatch.setattr(complaints, "copies", rule)
    assert {identity[0] for identity, _, _ in differences(DAY)} >= found


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
    tables = [loaded(name, DAY.start, version) for name, version in SHIPPED.newest.versions]
    assert published(DAY, ("complaint",), tables) == published(DAY, ("complaint",))
