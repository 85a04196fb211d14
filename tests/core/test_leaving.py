"""Cases that are over and old windows leave the state, and no number tells that they did."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import publication
from core.cells import UNSETTLED, CellKey
from core.complaints import Complaint
from core.engine import Engine
from core.events import Value
from core.fold import Entity, Fold
from core.kpi import Kpi
from core.kpis import all_kpis, kinds
from core.law import SHIPPED
from core.moment import DAY, HOUR, MINUTE
from core.publication import REMEMBERED, Publication
from core.restatements import Restatement
from core.rows import KpiRow
from tests.core.kept import Cells, Changelog, closing
from tests.core.long_story import BEGIN, Segment, story
from tests.core.stories import case, event, routed, wib

LEAVES = sorted(name for name, kind in kinds().items() if kind.over is not None)


def numbers(fold: Fold) -> Iterator[int]:
    yield from (sum(e.kind == kind for e in fold.entities) for kind in LEAVES)


@pytest.mark.long
def test_cells_are_at_every_tick_what_they_would_be_if_nothing_had_left() -> None:
    leaving, staying = Fold(), Fold(settles=False)
    ours, theirs = Cells(), Cells()
    for tick, events in story(120):
        ours.take(closing(leaving, tick, events))
        theirs.take(closing(staying, tick, events))
        assert ours.total == theirs.total
        assert not leaving._late
    assert sum(numbers(staying)) > 2 * sum(numbers(leaving))


def test_nothing_of_a_long_story_comes_too_late() -> None:
    fold = Fold()
    assert [e for tick, events in story(120) for e in closing(fold, tick, events).late] == []


def told(segments: list[Segment], partitions: int, *, settles: bool) -> list[KpiRow | Restatement]:
    engine, said = Engine(partitions, settles=settles), list[KpiRow | Restatement]()
    for tick, events in segments:
        for number, part in enumerate(routed(events, partitions)):
            engine.apply(number, part)
        said += engine.tick(tick, {})
    return said


@pytest.mark.long
def test_rows_of_every_revision_are_those_of_an_engine_that_forgets_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publication, "REMEMBERED", 63 * DAY)
    segments = story(98, tick=2 * DAY)
    assert told(segments, 2, settles=True) == told(segments, 1, settles=False)


@pytest.mark.long
def test_state_does_not_grow_with_months_of_cases_that_are_over() -> None:
    fold, sizes = Fold(), list[tuple[int, ...]]()
    for number, (tick, events) in enumerate(story(360, ends=True)):
        closing(fold, tick, events)
        if number % 60 == 59:
            sizes.append((*numbers(fold), len(fold._ledger.cells), len(fold._leaving.left.at)))
    for kind, earlier, later in zip([*LEAVES, "cells", "ids"], sizes[2], sizes[5], strict=True):
        assert later <= 1.2 * earlier + 2, kind


@pytest.mark.long
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 5))
def test_a_crash_at_any_write_of_any_tick_leaves_no_trace(seed: int, days: int) -> None:
    """Some records of the tick are there, its frontier is not; or its tombstones are not."""
    chance, changelog = Random(seed), Changelog()
    fold, last = Fold(), None
    ours, theirs, staying = Cells(), Cells(), Fold(settles=False)
    for tick, events in story(50, seed % 3, tick=days * DAY):
        expected = closing(staying, tick, events)
        closed = closing(fold, tick, events)
        if chance.randrange(3) == 0:
            changelog.write(closed, lambda _: chance.randrange(2) == 0)
            fold = changelog.load(last)
            again = closing(fold, tick, events)
            assert again.settled == closed.settled
            assert again.late == closed.late
            ours.now.update(closed.cells)
            closed = again
        ours.take(closed)
        theirs.take(expected)
        changelog.write(closed)
        if chance.randrange(3) == 0:
            fold = changelog.load(tick)
        else:
            changelog.clean(closed)
        last = tick
        assert ours.total == theirs.total


NIGHT = wib("2026-03-02T00:00")
"""A tick after which everything of `OVER` is settled."""
OVER = case(
    "1",
    ("submitted", "2026-01-05T10:00", {"kind": "info"}),
    ("resolved", "2026-01-06T10:00"),
    ("closed", "2026-01-06T11:00"),
)


def forgotten(began: int = BEGIN) -> Fold:
    """A fold that had a case and has it no longer."""
    fold = Fold()
    fold.close(began)
    closing(fold, BEGIN + 3 * DAY, OVER)
    for day in range(4, 57):
        fold.close(BEGIN + day * DAY)
    assert Entity("complaint", "1") not in fold.entities
    return fold


def test_a_case_stays_until_the_objection_period_and_the_lateness_are_over() -> None:
    over = SHIPPED.newest.calendar.due(wib("2026-01-06T11:00"), 10).at + 72 * HOUR
    fold = Fold()
    closing(fold, BEGIN + 3 * DAY, OVER)
    fold.close(over - 1)
    fold.close(over)
    assert Entity("complaint", "1") in fold.entities
    fold.close(over + 1)
    assert Entity("complaint", "1") not in fold.entities


def test_a_case_that_is_told_of_long_after_it_was_over_is_waited_for_72_hours() -> None:
    fold = Fold()
    fold.close(NIGHT)
    closing(fold, NIGHT + HOUR, OVER[:2])
    for hour in range(2, 74):
        fold.close(NIGHT + hour * HOUR)
    assert Entity("complaint", "1") in fold.entities
    closing(fold, NIGHT + 74 * HOUR, OVER[2:])
    assert Entity("complaint", "1") not in fold.entities or fold.entities[Entity("complaint", "1")]


@pytest.mark.parametrize(
    "what", ["reopened", "resolved", "duplicate_linked", "duplicate_gained", "published"]
)
def test_what_comes_after_its_case_left_is_late_and_changes_no_number(what: str) -> None:
    fold = forgotten()
    late = event(f"complaint.{what}", BEGIN + 56 * DAY, "s", "", case_id="1", **_needed(what))
    assert fold.apply(late) is False
    closed = fold.close(BEGIN + 58 * DAY)
    assert closed.late == (late,)
    assert (closed.cells, closed.changed, closed.settled) == ({}, {}, {})


def _needed(what: str) -> dict[str, Value]:
    needed: dict[str, dict[str, Value]] = {
        "duplicate_linked": {"master_case_id": "2"},
        "duplicate_gained": {"duplicate_case_id": "2", "submitted_at": BEGIN},
        "published": {"about": "closed"},
    }
    return needed.get(what, {})


def test_a_submission_that_is_sent_again_makes_no_second_case() -> None:
    fold = forgotten()
    assert fold.apply(OVER[0]) is False
    for day in (58, 92, 200):
        fold.close(BEGIN + day * DAY)
        assert fold.apply(OVER[0]) is False
        assert (
            fold.apply(event("complaint.submitted", OVER[0].occurred_at, id="x", case_id="1"))
            is False
        )
    assert fold.close(BEGIN + 201 * DAY).cells == {}


def test_its_id_is_forgotten_when_its_submission_would_be_too_late_by_its_age() -> None:
    fold = forgotten()
    fold.close(OVER[0].occurred_at + 90 * DAY - 1)
    assert fold._leaving.left.at
    closed = fold.close(OVER[0].occurred_at + 90 * DAY)
    assert closed.left == {Entity("complaint", "1"): None}
    assert not fold._leaving.left.at
    assert fold.apply(OVER[0]) is False


def test_of_history_from_before_the_first_tick_the_ids_stay() -> None:
    fold = forgotten(began=OVER[0].occurred_at + 1)
    fold.close(BEGIN + 900 * DAY)
    assert fold.apply(OVER[0]) is False
    new = event("complaint.submitted", OVER[0].occurred_at - DAY, case_id="2")
    assert fold.apply(new) is True
    assert fold.close(BEGIN + 901 * DAY).cells


def test_an_event_whose_case_never_opens_is_kept_for_90_days() -> None:
    fold = Fold()
    fold.close(BEGIN)
    closing(fold, BEGIN + DAY, [event("complaint.closed", BEGIN, case_id="7")])
    fold.close(BEGIN + 91 * DAY)
    assert Entity("complaint", "7") in fold.entities
    closed = fold.close(BEGIN + 91 * DAY + MINUTE)
    assert Entity("complaint", "7") not in fold.entities
    assert {key.kpi for key in closed.settled} == {"case_events_unexpected_pct"}


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [("closed", "2026-01-06T10:00"), ("reopened", "2026-01-07T10:00")],
        [("verified", "2026-01-06T10:00", {"verdict": "incomplete"})],
    ],
)  # fmt: skip
def test_an_open_case_stays_however_old_it_is(steps: list[tuple[str, str]]) -> None:
    assert (made := Complaint.of(case("1", ("submitted", "2026-01-05T10:00"), *steps)))
    assert made.over_at is None


@pytest.mark.parametrize(
    "step",
    [("rejected", {}), ("withdrawn", {}), ("archived", {}), ("closed", {}),
     ("duplicate_linked", {"master_case_id": "2"})],
)  # fmt: skip
def test_a_case_that_ended_is_over_ten_working_days_after_its_last_event(
    step: tuple[str, dict[str, str]],
) -> None:
    made = Complaint.of(
        case("1", ("submitted", "2026-01-05T10:00"), (step[0], "2026-01-06T10:00", step[1]))
    )
    assert made
    assert made.over_at == SHIPPED.newest.calendar.due(wib("2026-01-06T10:00"), 10).at


def test_a_reopening_after_the_objection_period_opens_nothing() -> None:
    made = Complaint.of(
        case(
            "1", ("submitted", "2026-01-05T10:00"), ("resolved", "2026-01-06T10:00"),
            ("reopened", "2026-01-28T10:00"),
        )
    )  # fmt: skip
    assert made
    assert made.over_at == SHIPPED.newest.calendar.due(wib("2026-01-28T10:00"), 10).at


@pytest.mark.parametrize("kpi", all_kpis(), ids=lambda kpi: kpi.id)
@pytest.mark.parametrize("end", ["2026-03-18T00:00", "2026-06-25T00:00", "2026-10-25T00:00"])
def test_no_window_is_forgotten_before_it_is_final(kpi: Kpi, end: str) -> None:
    assert kpi.final_at(wib(end)) + 14 * DAY <= wib(end) + REMEMBERED


class TestPublication:
    """Cells go in, rows come out; what is old leaves."""

    KEY = CellKey("complaint_overdue_backlog_pct", "city", "city", BEGIN)

    def test_what_left_a_cell_changes_no_row(self) -> None:
        key = CellKey("sikesal_local_sla_on_time_pct", "city", "city", BEGIN)
        made = Publication()
        made.merge("fold/0", {key: {"n": 2, "d": 3}})
        assert made.close(BEGIN + DAY, {})
        made.merge("fold/0", {key: {"n": 1, "d": 1}}, {key: {"n": 1, "d": 2}})
        assert key not in made._touched
        assert made.parts[key] == {"fold/0": {"n": 1, "d": 1}, "settled": {"n": 1, "d": 2}}

    def test_a_window_is_remembered_for_11_weeks_and_then_gone_with_its_cells(self) -> None:
        key = CellKey("sikesal_local_sla_on_time_pct", "city", "city", BEGIN + HOUR)
        made = Publication()
        made.close(BEGIN, {})
        made.merge("fold/0", {key: {"n": 1, "d": 1}})
        for day in range(1, 28 + 77 + 2):
            made.close(BEGIN + day * DAY, {})
            assert (key in made.parts) is (day < 28 + 77)
        ends = {said.end for said in made.published.values() if said.end > BEGIN}
        assert min(ends) > BEGIN + (28 + 77 + 1) * DAY - REMEMBERED - DAY
        made.changed_parts.clear()
        made.merge("fold/0", {key: {"n": 0, "d": 1}})
        assert (key in made.parts, made.changed_parts) == (False, set())

    @pytest.mark.long
    def test_old_steps_of_a_snapshot_become_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(publication, "REMEMBERED", 63 * DAY)
        made, whole = Publication(), Publication(forgets=False)
        said: dict[bool, list[KpiRow | Restatement]] = {True: [], False: []}
        for day in range(90):
            key = self.KEY._replace(start=BEGIN + day * DAY)
            number = (BEGIN + day * DAY) // (5 * MINUTE)
            steps = {f"o:{number + 1}": 1, f"o:{number + 9}": -1, f"v:{number + 3}": 1,
                     f"x:wbs:{number + 5}": 1}  # fmt: skip
            for one in (made, whole):
                one.merge("fold/0", {key: {}}, {key: dict(steps)})
                said[one is made] += one.close(BEGIN + (day + 1) * DAY, {})
        assert said[True] == said[False]
        kept = [key for key in made.parts if key.kpi == self.KEY.kpi]
        assert len(kept) <= 63 + 3

    def test_history_from_before_the_first_tick_stays(self) -> None:
        key = CellKey("sikesal_local_sla_on_time_pct", "city", "city", BEGIN - 400 * DAY)
        made = Publication()
        made.close(BEGIN, {})
        made.close(BEGIN + 99 * DAY, {})
        made.merge("fold/0", {key: {"n": 1, "d": 1}})
        rows = made.close(BEGIN + 100 * DAY, {})
        assert [
            r for r in rows if isinstance(r, KpiRow) and r.window == "1d" and r.denominator == 1
        ]
        made.close(BEGIN + 200 * DAY, {})
        assert key in made.parts

    def test_of_a_source_the_first_day_and_the_last_year_are_known(self) -> None:
        made = Publication(began=BEGIN)
        for day in range(560):
            at = BEGIN + day * DAY
            key = CellKey("_alive", "source", "sikesal", at)
            made.merge("fold/0", {key: {str(at // MINUTE + n): 1 for n in range(20)}})
            made._forget(at + DAY)
        heard = made._heard.days("sikesal")
        days = sorted(heard)
        assert days[0] == BEGIN
        assert days[1] > BEGIN + REMEMBERED
        assert {len(heard[d]) for d in days[:10]} == {1}

    def test_what_no_calendar_knows_yet_is_waited_for(self) -> None:
        began = wib("2026-12-01T00:00")
        key = CellKey("complaint_resolution_on_time_pct", "city", "city", began)
        made = Publication()
        made.close(began, {})
        made.merge("fold/0", {key: {"n": 1, "d": 1, UNSETTLED: 1}})
        for day in (2, 200, 201):
            made.close(began + day * DAY, {})
        assert key in made.parts
        assert any(said.end == began + DAY for said in made.published.values())
