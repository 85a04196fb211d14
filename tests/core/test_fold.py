"""The fold of one partition: what is late, what repeats, and crashes that leave no trace."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cells import CellKey, Counters
from core.events import Event, Value
from core.fold import Closed, Entity, Fold, Statement, entity_of
from core.moment import DAY, HOUR, MINUTE, wib_day_start
from core.triangulation import Claim
from tests.core.kept import Changelog, closing
from tests.core.random_days import CASES, SENSORS, Segment, days
from tests.core.stories import METRE, PLACE, at, case, event, wib

TEN = at("10:00")
NATIONAL = "complaint_resolution_on_time_pct"


def beat(when: int, camera: str = "c1") -> Event:
    return event("cctv.heartbeat", when, "frigate", camera_id=camera, camera_fps=10.0)


def register(camera: str = "c1", when: int = TEN - 10 * DAY, **fields: Value) -> Event:
    given: dict[str, Value] = {"nominal_fps": 10.0, "in_service": True, **fields}
    return event("ref.camera", when, "city", "", camera_id=camera, **given)


def folded(*events: Event, tick: int) -> Closed:
    fold = Fold()
    for one in events:
        fold.apply(one)
    return fold.close(tick)


def availability(closed: Closed, start: int) -> Counters:
    return closed.cells.get(CellKey("cctv_availability_pct", "city", "city", start), {})


def claims(closed: Closed) -> list[tuple[str, bool]]:
    """Name of each claim stated, and whether it stands."""
    return [(s.id, s.value is not None) for s in closed.statements if s.kind == "claim"]


def sighting(camera: str = "c1") -> Event:
    return event("cctv.detected", TEN, "frigate", camera_id=camera, label="accident", count=1)


def observation(when: int, **fields: Value) -> Event:
    return event(
        "field.observed", when, "field", "", observation_id="o1",
        incident_class="accident", **fields,
    )  # fmt: skip


class TestCounting:
    def test_a_repeated_event_is_a_duplicate_and_changes_nothing(self) -> None:
        fold, (submitted,) = Fold(), case("1", ("submitted", "2026-11-02T10:00"))
        assert fold.apply(submitted)
        fold.close(TEN)
        assert not fold.apply(submitted)
        assert (fold.accepted, fold.duplicates) == ({"sikesal": 1}, {"sikesal": 1})
        closed = fold.close(TEN + HOUR)
        assert (closed.cells, closed.statements, closed.changed) == ({}, (), {})

    def test_two_contents_under_one_id_give_the_same_in_both_orders(self) -> None:
        a = event("complaint.submitted", TEN, id="x", case_id="1", category="sampah")
        b = event("complaint.submitted", TEN, id="x", case_id="1", category="jalan")
        assert folded(a, b, tick=TEN).cells == folded(b, a, tick=TEN).cells

    def test_what_no_kpi_reads_has_no_entity_but_is_counted(self) -> None:
        fold = Fold()
        car = event("cctv.detected", TEN, "frigate", camera_id="c1", label="car", count=3)
        assert entity_of(car) is None
        assert fold.apply(car)
        assert fold.accepted == {"frigate": 1}
        assert fold.entities == {}

    def test_a_case_contributes_its_present_state_only(self) -> None:
        fold = Fold()
        due = wib_day_start(wib("2026-11-20T12:00"))
        key = CellKey(NATIONAL, "city", "city", due)
        submitted, resolved, reopened = case(
            "1",
            ("submitted", "2026-11-02T10:00"),
            ("resolved", "2026-11-03T10:00"),
            ("reopened", "2026-11-04T10:00"),
        )
        found = []
        for number, one in enumerate((resolved, submitted, reopened)):
            fold.apply(one)
            found.append(fold.close(TEN + number).cells.get(key))
        assert found == [None, {"n": 1, "d": 1}, {"d": 1}]


class TestLateness:
    def test_a_heartbeat_after_the_lateness_goes_to_late_and_changes_nothing(self) -> None:
        fold = Fold()
        fold.apply(register())
        fold.close(TEN + 15 * MINUTE)
        late = beat(TEN + 5 * MINUTE - 1)
        assert not fold.apply(late)
        closed = fold.close(TEN + 20 * MINUTE)
        assert closed.late == (late,)
        assert not any(Entity("beats", "c1") == entity for entity in closed.changed)
        assert availability(closed, TEN) == {}

    def test_one_before_it_counts(self) -> None:
        fold = Fold()
        fold.apply(register())
        fold.close(TEN + 15 * MINUTE - 1)
        assert fold.apply(beat(TEN + 5 * MINUTE - 1))
        closed = fold.close(TEN + 20 * MINUTE)
        assert closed.late == ()
        assert availability(closed, TEN)[f"u:{TEN // MINUTE + 4}"] == 1

    def test_late_events_are_told_once(self) -> None:
        fold = Fold()
        fold.close(TEN)
        fold.apply(beat(TEN - HOUR))
        assert len(fold.close(TEN + MINUTE).late) == 1
        assert fold.close(TEN + 2 * MINUTE).late == ()

    def test_a_sign_of_life_may_come_a_week_late_and_no_later(self) -> None:
        fold = Fold()
        fold.close(TEN)
        assert fold.apply(event("source.heartbeat", TEN - 7 * DAY + 1, "sikesal"))
        assert not fold.apply(event("source.heartbeat", TEN - 7 * DAY, "sikesal"))

    def test_a_case_event_is_never_too_late_for_the_fold(self) -> None:
        fold = Fold()
        fold.close(wib("2027-11-20T10:00"))
        assert fold.apply(case("1", ("submitted", "2026-11-02T10:00"))[0])


class TestCameras:
    def test_no_minute_is_lost_when_the_clock_stood_still_for_days(self) -> None:
        fold = Fold()
        fold.apply(register())
        fold.close(TEN)
        fold.apply(beat(TEN + MINUTE))
        cells = fold.close(TEN + 3 * DAY).cells
        windows = {key.start for key in cells if key.scope_type == "city"}
        assert windows >= set(range(TEN, TEN + 3 * DAY, 5 * MINUTE))
        key = CellKey("cctv_availability_pct", "city", "city", TEN)
        assert cells[key][f"u:{TEN // MINUTE + 1}"] == 1

    def test_the_first_tick_looks_back_one_day(self) -> None:
        cells = folded(register(), tick=TEN).cells
        starts = {k.start for k in cells if k.kpi.startswith("cctv") and k.scope_type == "city"}
        assert starts == set(range(TEN - DAY, TEN, 5 * MINUTE))

    def test_old_heartbeats_are_forgotten(self) -> None:
        fold = Fold()
        for minute in range(3 * 60):
            fold.apply(beat(TEN + minute * MINUTE))
            fold.close(TEN + minute * MINUTE + 1)
        assert len(fold.entities[Entity("beats", "c1")]) <= 87


class TestClaims:
    def test_a_sighting_stands_where_its_camera_stands(self) -> None:
        fold = Fold()
        seen = sighting()
        fold.apply(seen)
        (unplaced,) = fold.close(TEN).statements
        fold.apply(register(lat=PLACE[0], lon=PLACE[1]))
        placed = next(s for s in fold.close(TEN + 1).statements if s.kind == "claim")
        assert isinstance(unplaced.value, Claim)
        assert isinstance(placed.value, Claim)
        assert (unplaced.value.lat, placed.value.lat) == (None, PLACE[0])

    def test_an_officer_who_repeats_a_report_claims_nothing_of_his_own(self) -> None:
        (own,) = folded(observation(TEN), tick=TEN).statements
        assert isinstance(own.value, Claim)
        assert own.value.family == "officer"
        assert not folded(observation(TEN, origin_ref="k1"), tick=TEN).statements

    def test_an_earlier_version_of_a_report_replaces_the_one_known(self) -> None:
        fold = Fold()
        second, first = observation(TEN), observation(TEN - HOUR, lat=PLACE[0], lon=PLACE[1])
        fold.apply(second)
        assert claims(fold.close(TEN)) == [(second.event_id, True)]
        fold.apply(first)
        assert claims(fold.close(TEN + 1)) == [(second.event_id, False), (first.event_id, True)]

    def test_another_class_retracts_the_claim_of_the_first(self) -> None:
        fold = Fold()
        for when, category in ((TEN, "kecelakaan"), (TEN - HOUR, "sampah")):
            fold.apply(event("complaint.submitted", when, case_id="1", category=category))
            closed = fold.close(when + DAY)
        routes = [(s.route, s.value is not None) for s in closed.statements]
        assert routes == [("accident", False), ("waste", True)]

    def test_a_complaint_of_another_kind_claims_nothing(self) -> None:
        asked = event("complaint.submitted", TEN, case_id="1", category="sampah", kind="info")
        assert claims(folded(asked, tick=TEN)) == []

    def test_a_claim_lies_where_and_when_the_matter_was(self) -> None:
        filed = event(
            "complaint.submitted", TEN, case_id="1", category="sampah", incident_at=TEN - HOUR,
            lat=PLACE[0] + METRE, lon=PLACE[1],
        )  # fmt: skip
        made = next(s for s in folded(filed, tick=TEN).statements if s.kind == "claim")
        assert isinstance(made.value, Claim)
        assert (made.value.at, made.value.lat) == (TEN - HOUR, PLACE[0] + METRE)


class TestReports:
    def test_a_report_follows_the_class_of_its_case_and_goes_when_it_matters_no_more(self) -> None:
        fold = Fold()
        place: dict[str, Value] = {"lat": PLACE[0], "lon": PLACE[1]}
        told = []
        for number, made in enumerate((
            event("complaint.submitted", TEN, "sikesal", "", case_id="1",
                  category="jalan_rusak", **place),
            event("complaint.submitted", TEN - HOUR, "sikesal", "", case_id="1",
                  category="sampah", **place),
            event("complaint.rejected", TEN + HOUR, case_id="1"),
        )):  # fmt: skip
            fold.apply(made)
            closed = fold.close(TEN + number * DAY)
            told.append(
                [(s.route, s.value is not None) for s in closed.statements if s.kind == "report"]
            )
        assert told == [
            [("road_damage", True)], [("road_damage", False), ("waste", True)], [("waste", False)],
        ]  # fmt: skip


Told = list[tuple[Mapping[CellKey, Counters], frozenset[str], tuple[Event, ...]]]


def told(closed: Closed) -> tuple[Mapping[CellKey, Counters], frozenset[str], tuple[Event, ...]]:
    return closed.cells, frozenset(map(repr, closed.statements)), closed.late


def undisturbed(segments: list[Segment]) -> Told:
    fold = Fold()
    found = []
    for tick, events in segments:
        found.append(told(closing(fold, tick, events)))
    return found


def assert_part_of(again: Closed, first: Closed, before: Mapping[CellKey, Counters]) -> None:
    """A tick closed for a second time says nothing that was not said before.

    A cell may be told again as it was at the tick `before`: where one case left it and another one
    came, the first closing saw no change, but one that remembers only the leaving sees one.  An
    empty cell of which nothing was ever said is nothing to the publication: it comes where a table
    moved a case that was told, and only the case was written before the crash.
    """
    said = {**before, **first.cells}
    news = {key: cell for key, cell in again.cells.items() if said.get(key, {}) != cell}
    assert news == {}
    # What left the cells is added and not put in place: it must be the same whichever is read.
    assert again.settled == first.settled
    assert set(map(_text, again.statements)) <= set(map(_text, first.statements))


def _text(statement: Statement) -> str:
    return repr(statement)


def assert_crashes_leave_no_trace(segments: list[Segment], data: st.DataObject) -> None:
    """Crash in some ticks, after their outputs and some of their records were acknowledged."""
    changelog, fold, last = Changelog(), Fold(), None
    cells: dict[CellKey, Counters] = {}
    for (tick, events), expected in zip(segments, undisturbed(segments), strict=True):
        closed = closing(fold, tick, events)
        assert told(closed) == expected
        if data.draw(st.booleans(), label="crash"):
            changelog.write(closed, lambda entity: data.draw(st.booleans(), label=str(entity)))
            fold = changelog.load(last)
            again = closing(fold, tick, events)
            assert_part_of(again, closed, cells)
            cells.update(closed.cells)
            closed = again
        cells.update(closed.cells)
        changelog.write(closed)
        changelog.clean(closed)
        last = tick


def test_heartbeats_that_a_second_closing_of_a_long_segment_needs_are_kept() -> None:
    first, second = TEN + 10 * MINUTE, TEN + HOUR
    early = [register(), *(beat(TEN + n * MINUTE) for n in range(5))]
    fold, changelog = Fold(), Changelog()
    before = closing(fold, first, early)
    changelog.write(before)
    closed = closing(fold, second, [beat(TEN + 50 * MINUTE)])
    changelog.write(closed)
    again = closing(changelog.load(first), second, [beat(TEN + 50 * MINUTE)])
    assert_part_of(again, closed, before.cells)


def test_a_cell_that_one_case_left_for_another_is_told_again_as_it_was() -> None:
    first, second = TEN, TEN + DAY
    fold, changelog = Fold(), Changelog()
    before = closing(
        fold, first, [event("complaint.submitted", TEN - HOUR, case_id="1", category="kecelakaan")]
    )
    changelog.write(before)
    events = [
        event("complaint.submitted", TEN, case_id="2", category="kecelakaan"),
        event("complaint.archived", TEN, case_id="1"),
    ]
    closed = closing(fold, second, events)
    changelog.write(closed, lambda entity: entity.id == "1")
    again = closing(changelog.load(first), second, events)
    assert set(again.cells) - set(closed.cells)
    assert_part_of(again, closed, before.cells)


@pytest.mark.long
@settings(max_examples=150)
@given(days(CASES), st.data())
def test_a_crash_leaves_no_trace_in_cases(segments: list[Segment], data: st.DataObject) -> None:
    assert_crashes_leave_no_trace(segments, data)


@pytest.mark.long
@settings(max_examples=80)
@given(days(SENSORS, size=8), st.data())
def test_a_crash_leaves_no_trace_in_cameras(segments: list[Segment], data: st.DataObject) -> None:
    assert_crashes_leave_no_trace(segments, data)


@pytest.mark.long
@settings(max_examples=60)
@given(days(), st.data())
def test_a_restart_between_ticks_is_as_if_it_had_never_been(
    segments: list[Segment], data: st.DataObject
) -> None:
    changelog, fold = Changelog(), Fold()
    found = []
    for tick, events in segments:
        closed = closing(fold, tick, events)
        found.append(told(closed))
        changelog.write(closed)
        changelog.clean(closed)
        if data.draw(st.booleans()):
            fold = changelog.load(tick)
    assert found == undisturbed(segments)
