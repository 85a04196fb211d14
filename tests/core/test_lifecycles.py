"""The lifecycles: whole tables, and walks that depend on what happened and on nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core import contract, lifecycles, tables
from core.events import Event, first_of, in_order
from core.law import Law
from core.lifecycle import REASONS, Lifecycle
from core.lifecycles import all_lifecycles, by_kind, of_area, steps, types
from core.tables import SlaTable
from tests.core.random_days import Segment, days
from tests.core.stories import case, event, wib

every_life = pytest.mark.parametrize("life", all_lifecycles(), ids=lambda life: life.kind)


def reasons(events: list[Event]) -> list[str]:
    """Why each event of a case is unexpected, in order; empty where it is not."""
    return [step.reason for step in steps(in_order(events))]


class TestTables:
    def test_there_is_one_for_each_kind_of_case_of_the_city(self) -> None:
        assert set(by_kind()) >= {
            "complaint", "request", "information", "signal", "breach", "violation", "alert",
        }  # fmt: skip

    def test_each_event_type_of_an_area_walks_through_exactly_one(self) -> None:
        areas = {life.area for life in all_lifecycles()}
        told = [name for name in contract.types() if name.partition(".")[0] in areas]
        assert sorted(name for life in all_lifecycles() for name in life.names) == told
        assert list(types()) == told

    @every_life
    def test_no_two_lines_are_of_one_state_and_event(self, life: Lifecycle) -> None:
        assert len({(move.state, move.event) for move in life.moves}) == len(life.moves)

    @every_life
    def test_every_line_is_of_a_declared_event(self, life: Lifecycle) -> None:
        assert {move.event for move in life.moves} <= set(life.events)

    @every_life
    def test_every_event_is_allowed_somewhere_or_has_a_rule(self, life: Lifecycle) -> None:
        assert {move.event for move in life.moves} == set(life.events)

    @every_life
    def test_every_state_is_reached_by_allowed_moves_alone(self, life: Lifecycle) -> None:
        reached, grows = {life.start}, True
        while grows:
            news = {m.next for m in life.moves if not m.rule and m.state in reached} - reached
            reached, grows = reached | news, bool(news)
        assert reached == set(life.states)

    @every_life
    def test_what_is_before_the_opening_is_never_allowed(self, life: Lifecycle) -> None:
        if life.start != life.opened:
            allowed = {m.event for m in life.moves if m.state == life.start and not m.rule}
            assert allowed == set(life.names[life.opens])

    @every_life
    def test_every_pair_of_state_and_event_is_allowed_or_says_what_follows(
        self, life: Lifecycle
    ) -> None:
        for state in life.states:
            for name in life.events:
                move = life.move(state, name)
                assert move.next in life.states
                assert move.rule or move in life.moves

    def test_an_end_is_left_by_nothing_that_is_allowed(self) -> None:
        assert by_kind()["complaint"].ends == {"closed", "rejected", "withdrawn", "archived"}
        assert by_kind()["alert"].ends == {"over"}
        assert by_kind()["signal"].ends == set()


COMPLAINTS = {
    "an ordinary life": (
        [("submitted", "10T08:00"), ("verified", "10T09:00", {"verdict": "valid"}),
         ("forwarded", "10T10:00", {"opd": "dlh"}), ("resolved", "11T10:00"),
         ("rated", "11T11:00", {"stars": 4}), ("closed", "13T10:00"), ("notified", "13T10:01",
         {"about": "closed"})], [""] * 7,
    ),
    "resolved without a verdict": ([("submitted", "10T08:00"), ("resolved", "11T08:00")], [""] * 2),
    "resolved before it was filed": (
        [("resolved", "09T08:00"), ("submitted", "10T08:00")], ["early", ""],
    ),
    "never filed": ([("assigned", "10T08:00", {"opd": "dlh"}), ("resolved", "11T08:00")],
                    ["orphan", "orphan"]),
    "filed twice": ([("submitted", "10T08:00"), ("submitted", "10T09:00")], ["", "again"]),
    "resolved twice": (
        [("submitted", "10T08:00"), ("resolved", "11T08:00"), ("resolved", "12T08:00")],
        ["", "", "again"],
    ),
    "reopened in time": (
        [("submitted", "02T08:00"), ("resolved", "03T08:00"), ("reopened", "17T23:59"),
         ("resolved", "18T08:00")], [""] * 4,
    ),
    "reopened after ten working days": (
        [("submitted", "02T08:00"), ("resolved", "03T08:00"), ("reopened", "18T00:00")],
        ["", "", "out_of_place"],
    ),
    "withdrawn, and then worked on": (
        [("submitted", "10T08:00"), ("withdrawn", "10T09:00"), ("progressed", "10T10:00")],
        ["", "", "after_end"],
    ),
    "completed though nobody asked": (
        [("submitted", "10T08:00"), ("completed_by_reporter", "10T09:00")], ["", "out_of_place"],
    ),
    "unlinked though never linked": (
        [("submitted", "10T08:00"), ("duplicate_unlinked", "10T09:00")], ["", "out_of_place"],
    ),
    "filed and resolved in one moment": (
        [("submitted", "10T08:00"), ("resolved", "10T08:00")], ["", ""],
    ),
    "linked before it was filed": (
        [("duplicate_linked", "09T08:00", {"master_case_id": "m"}), ("submitted", "10T08:00")],
        ["early", ""],
    ),
    "refused after its resolution": (
        [("submitted", "10T08:00"), ("resolved", "10T09:00"), ("rejected", "10T10:00")],
        ["", "", "out_of_place"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), COMPLAINTS.values(), ids=COMPLAINTS.keys())
def test_what_a_complaint_must_not_do_has_a_reason(told: list, expected: list[str]) -> None:  # type: ignore[type-arg]
    story = [(what, f"2026-11-{when}", *more) for what, when, *more in told]
    assert reasons(case("k", *story)) == expected


def test_what_came_before_the_filing_is_taken_as_if_it_came_after() -> None:
    walked = steps(
        in_order(case("k", ("resolved", "2026-11-09T08:00"), ("submitted", "2026-11-10T08:00")))
    )
    assert [(step.before, step.state) for step in walked] == [
        ("unfiled", "resolved"), ("resolved", "resolved"),
    ]  # fmt: skip


DAY = wib("2026-11-10T00:00")
HOUR = 3_600_000_000


def told(area: str, *happened: tuple[str, dict[str, object]]) -> list[Event]:
    """An event each hour, in this order."""
    key = {"signal": "intersection_id"}.get(area, "case_id")
    return [
        event(f"{area}.{what}", DAY + n * HOUR, "s", f"e{n}", **{key: "k", **fields})  # type: ignore[arg-type]
        for n, (what, fields) in enumerate(happened)
    ]


_SERVICE = ("requested", {"service_code": "domisili"})
_COMPLETE = ("completeness_decided", {"complete": True})
_GRANTED = ("decided", {"outcome": "granted"})
_REFUSED = ("decided", {"outcome": "refused"})
_INFO = ("received", {"opd": "dlh"})
_DETECTED = ("breach_detected", {"system": "sikesal"})
_VALIDATED = (
    "validated", {"camera_id": "c", "intersection_id": "s", "violation_class": "red_light"},
)  # fmt: skip
_RAISED = ("raised", {"severity": "high", "alert_class": "flood"})
OTHERS = {
    "a letter asked for, granted and handed over": (
        "service", [_SERVICE, _COMPLETE, _GRANTED, ("completed", {})], [""] * 4,
    ),
    "decided twice, and differently": (
        "service", [_SERVICE, _COMPLETE, _GRANTED, _REFUSED], ["", "", "", "out_of_place"],
    ),
    "decided twice": ("service", [_SERVICE, _COMPLETE, _GRANTED, _GRANTED], ["", "", "", "again"]),
    "decided without a complete file": ("service", [_SERVICE, _GRANTED], ["", "out_of_place"]),
    "decided and never asked for": ("service", [_COMPLETE, _GRANTED], ["orphan", "orphan"]),
    "handed over after a refusal": (
        "service", [_SERVICE, _COMPLETE, _REFUSED, ("completed", {})], ["", "", "", "after_end"],
    ),
    "an extension without a reason": (
        "info", [_INFO, ("extended", {}), ("answered", {"outcome": "granted"})],
        ["", "out_of_place", ""],
    ),
    "denied without a reason, then answered": (
        "info", [_INFO, ("answered", {"outcome": "denied"}), ("answered", {"outcome": "granted"})],
        ["", "", ""],
    ),
    "answered twice": (
        "info", [_INFO, ("answered", {"outcome": "granted"}), ("answered", {"outcome": "granted"})],
        ["", "", "again"],
    ),
    "answered again after an objection": (
        "info", [_INFO, ("answered", {"outcome": "granted"}), ("objection", {}),
                 ("answered", {"outcome": "granted"})], [""] * 4,
    ),
    "a signal that works again without a fault": (
        "signal", [("alarm", {}), ("restored", {"confirmed": True}), ("restored", {})],
        ["", "", "out_of_place"],
    ),
    "alarms that say that it still is": ("signal", [("alarm", {}), ("alarm", {})], ["", ""]),
    "a signal restored and never told to fail": ("signal", [("restored", {})], ["orphan"]),
    "detected twice": ("privacy", [_DETECTED, _DETECTED], ["", "again"]),
    "a notice to somebody whom the law does not name": (
        "privacy", [_DETECTED, ("notice_sent", {"recipient": "press"})], ["", "out_of_place"],
    ),
    "forwarded twice": (
        "violation", [_VALIDATED, ("forwarded", {}), ("forwarded", {})], ["", "", "again"],
    ),
    "acknowledged when it was over": (
        "alert", [_RAISED, ("resolved", {}), ("acknowledged", {})], ["", "", "after_end"],
    ),
    "acknowledged before it was raised": (
        "alert", [("acknowledged", {}), _RAISED], ["early", ""],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("area", "happened", "expected"), OTHERS.values(), ids=OTHERS.keys())
def test_what_a_case_must_not_do_has_a_reason(
    area: str, happened: list[tuple[str, dict[str, object]]], expected: list[str]
) -> None:
    assert reasons(told(area, *happened)) == expected


@given(days(size=30), st.data())
def test_no_order_of_arrival_changes_a_walk(segments: list[Segment], data: st.DataObject) -> None:
    found: dict[tuple[str, str], list[Event]] = {}
    for one in (one for _, events in segments for one in events):
        if one.type in types():
            area = one.type.partition(".")[0]
            found.setdefault((area, contract.key(one).decode()), []).append(one)
    for events in found.values():
        mixed = data.draw(st.permutations(events))
        assert steps(in_order(mixed)) == steps(in_order(events))


@given(days(size=30))
def test_each_event_of_a_case_is_one_step_allowed_or_with_a_reason(segments: list[Segment]) -> None:
    events = [one for _, events in segments for one in events if one.type in types()]
    for area in {one.type.partition(".")[0] for one in events}:
        ordered = in_order(one for one in events if one.type.partition(".")[0] == area)
        walked = steps(ordered)
        assert [step.event for step in walked] == list(ordered)
        for step in walked:
            assert (step.reason in REASONS) is bool(step.reason)
            table = next(life for life in of_area(area) if step.event.type in life.names)
            opening = first_of(ordered, table.opens)
            begins = opening is not None and step.event.occurred_at == opening.occurred_at
            assert step.reason or begins or not table.move(step.before, step.name).rule


@given(days(size=30))
def test_a_walk_goes_from_state_to_state_without_a_gap(segments: list[Segment]) -> None:
    events = [one for _, found in segments for one in found]
    for life in all_lifecycles():
        walked = life.walk(in_order(events))
        assert [step.before for step in walked] == [life.start, *(s.state for s in walked)][
            : len(walked)
        ]


def test_a_walk_is_of_the_case_and_the_law_that_were_asked_for() -> None:
    """The last walk is remembered, for several KPIs ask for it."""
    life = by_kind()["complaint"]
    told = ("submitted", "2026-03-02T10:00"), ("resolved", "2026-03-03T10:00")
    one = in_order(case("1", *told, ("reopened", "2026-03-16T10:00")))
    other = in_order(case("2", told[0]))
    table = replace(tables.shipped(SlaTable), version="strict", reopen_days=1)
    strict = Law.of([(wib("2026-01-01T00:00"), table)])
    walks = [life.walk(one), life.walk(other), life.walk(one, strict), life.walk(one)]
    assert [[step.name for step in walk] for walk in walks] == [
        ["submitted", "resolved", "reopened"],
        ["submitted"],
        ["submitted", "resolved", "reopened_too_late"],
        ["submitted", "resolved", "reopened"],
    ]


def test_a_table_is_found_by_its_file_alone() -> None:
    assert {life.kind for life in all_lifecycles()} == set(by_kind())
    assert len(lifecycles.__path__) == 1
