"""Minute cells of detections: the same from columns and rows, in any order, however often."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import contract
from core.detections import TYPE, claimed, columns, rows_of
from core.events import Event, Value
from core.fold import is_claim
from core.minute_cells import Detections, MinuteCell, Seen, one_by_one
from core.moment import MINUTE, SECOND
from tests.core.stories import at

TEN = at("10:00")


def seen(
    name: str, when: int = TEN, camera: str = "c1", label: str = "car", count: int = 1,
    confidence: float | None = None,
) -> Event:  # fmt: skip
    fields: dict[str, Value] = {
        "camera_id": camera, "label": label, "count": count, "confidence": confidence,
    }  # fmt: skip
    made = Event(TYPE, name, when, "frigate", fields)
    assert contract.flaw(made) is None
    return made


def cell(when: int = TEN, camera: str = "c1", label: str = "car") -> MinuteCell:
    return MinuteCell(when // MINUTE, camera, label)


def taken(*events: Event, into: Detections | None = None, first: int = 0) -> Detections:
    state = into or Detections()
    state.take(rows_of(enumerate(events, first)))
    return state


def close(state: Detections, tick: int, cut: int) -> Any:
    """What the tick changed and published, as what tests compare with."""
    changed, published = state.close(tick, cut)
    told = replace(
        changed,
        cells=dict(one_by_one(changed.cells)),
        ids={minute: of.to_pylist() for minute, of in changed.ids.items()},
    )
    return told, dict(one_by_one(published))


def closed(*events: Event, tick: int = TEN + MINUTE) -> Any:
    return close(taken(*events), tick, len(events))


class TestCells:
    def test_a_cell_is_sum_number_and_greatest_confidence(self) -> None:
        changed, _ = closed(
            seen("a", count=2, confidence=0.5), seen("b", count=3, confidence=0.75), seen("c")
        )
        assert changed.cells == {cell(): Seen(6, 3, 0.75)}

    def test_without_any_confidence_there_is_none(self) -> None:
        assert closed(seen("a"))[0].cells == {cell(): Seen(1, 1, None)}

    def test_minutes_cameras_and_labels_lie_apart(self) -> None:
        others = (seen("b", TEN - 1), seen("c", camera="c2"), seen("d", label="person"))
        changed, _ = closed(seen("a"), *others)
        assert set(changed.cells) == {
            cell(), cell(TEN - 1), cell(camera="c2"), cell(label="person"),
        }  # fmt: skip

    def test_a_repeated_event_counts_once_and_is_told(self) -> None:
        changed, _ = closed(seen("a"), seen("a"), seen("b"))
        assert changed.cells == {cell(): Seen(2, 2, None)}
        assert (changed.accepted, changed.duplicates) == ({"frigate": 2}, {"frigate": 1})

    def test_a_repetition_in_a_later_tick_changes_nothing(self) -> None:
        state = taken(seen("a"))
        close(state, TEN, 1)
        changed, _ = close(taken(seen("a"), into=state, first=1), TEN + MINUTE, 2)
        assert (changed.cells, changed.duplicates) == ({}, {"frigate": 1})

    def test_a_doubtful_detection_is_counted_and_nowhere_else(self) -> None:
        changed, _ = closed(seen("a", confidence=0.0999), seen("b", confidence=0.1), seen("c"))
        assert changed.cells == {cell(): Seen(2, 2, 0.1)}
        assert (changed.doubtful, changed.accepted) == ({"frigate": 1}, {"frigate": 2})
        assert changed.ids[TEN // MINUTE] == ["b", "c"]

    def test_a_measured_zero_is_not_doubted(self) -> None:
        changed, _ = closed(seen("a", count=0, confidence=0.0))
        assert changed.cells == {cell(): Seen(0, 1, 0.0)}

    def test_an_id_in_two_minutes_stands_for_two_events(self) -> None:
        changed, _ = closed(seen("a"), seen("a", TEN + MINUTE), seen("a"), tick=TEN + 2 * MINUTE)
        assert changed.accepted == {"frigate": 2}
        assert changed.duplicates == {"frigate": 1}

    def test_repetitions_are_found_among_few_and_many(self) -> None:
        state = taken(*(seen(f"x{n}") for n in range(50)))
        close(state, TEN, 50)
        few, _ = close(taken(seen("x7"), seen("new"), into=state, first=50), TEN + 1, 52)
        assert few.duplicates == {"frigate": 1}
        many = [*(seen(f"y{n}") for n in range(200)), seen("x49"), seen("new"), seen("y0")]
        changed, _ = close(taken(*many, into=state, first=52), TEN + 2, 255)
        assert (changed.accepted, changed.duplicates) == ({"frigate": 200}, {"frigate": 3})


class TestTicks:
    def test_rows_beyond_the_cut_wait_for_the_next_tick(self) -> None:
        state = taken(seen("a"), seen("b"))
        assert close(state, TEN, 1)[0].cells == {cell(): Seen(1, 1, None)}
        assert state.held == 1
        assert close(state, TEN + SECOND, 2)[0].cells == {cell(): Seen(2, 2, None)}
        assert state.held == 0

    def test_a_cell_is_published_when_its_minute_is_over(self) -> None:
        state = taken(seen("a"))
        assert close(state, TEN + MINUTE - 1, 1)[1] == {}
        assert close(state, TEN + MINUTE, 1)[1] == {cell(): Seen(1, 1, None)}
        assert close(state, TEN + 2 * MINUTE, 1)[1] == {}

    def test_a_late_row_in_time_publishes_it_again(self) -> None:
        state = taken(seen("a"))
        close(state, TEN + MINUTE, 1)
        published = close(taken(seen("b"), into=state, first=1), TEN + 2 * MINUTE, 2)[1]
        assert published == {cell(): Seen(2, 2, None)}

    def test_a_minute_is_over_for_good_ten_minutes_after_its_end(self) -> None:
        state = taken(seen("a"))
        changed, _ = close(state, TEN + 11 * MINUTE - 1, 1)
        assert changed.finished == ()
        changed, _ = close(state, TEN + 11 * MINUTE, 1)
        assert changed.finished == (TEN // MINUTE,)
        assert (state.cells, state.ids) == ({}, {})

    def test_what_comes_after_that_is_late_and_counted(self) -> None:
        state = Detections(last_tick=TEN + 11 * MINUTE)
        changed, _ = close(
            taken(seen("a"), seen("b", TEN + MINUTE), into=state), TEN + 11 * MINUTE + 1, 2
        )
        assert changed.late == {"frigate": 1}
        assert set(changed.cells) == {cell(TEN + MINUTE)}


class TestColumns:
    rows = (
        seen("a", TEN + 1, count=0, confidence=0.25),
        seen("b", TEN + MINUTE - 1, "c2", "accident", 7),
        seen("ü", TEN, "c3", "person", 2_147_483_647, 1.0),
    )

    def test_rows_from_bodies_are_those_from_events(self) -> None:
        offsets = [4, 5, 9]
        found = columns([contract.encode(e) for e in self.rows], offsets)
        expected = rows_of(zip(offsets, self.rows, strict=True))
        assert found.to_pylist() == expected.to_pylist()
        assert found.schema == expected.schema

    def test_no_bodies_are_no_rows(self) -> None:
        assert len(columns([], [])) == 0

    @pytest.mark.parametrize(
        "body",
        [b"", b"\x00", contract.encode(rows[0])[:-3], b"\xff" * 40, b'{"event_id": "a"}'],
    )
    def test_a_malformed_body_is_a_value_error(self, body: bytes) -> None:
        with pytest.raises(ValueError, match=r"malformed cctv.detected among 2 bodies"):
            columns([contract.encode(self.rows[0]), body], [0, 1])

    def test_claims_are_the_rows_with_the_label_of_an_incident(self) -> None:
        rows = (*self.rows, seen("d", TEN, "c2", "accident", confidence=0.09))
        assert claimed(rows_of(enumerate(rows))) == [1]
        assert [is_claim(row) for row in rows] == [False, True, False, False]


sightings = st.lists(
    st.builds(
        seen,
        st.sampled_from("abcdefgh"),
        st.integers(0, 25).map(lambda n: TEN + n * 30 * SECOND),
        st.sampled_from(("c1", "c2")),
        st.sampled_from(("car", "accident")),
        st.integers(1, 5),
        st.sampled_from((None, 0.05, 0.1, 0.2, 0.3)),
    ),
    unique_by=lambda e: e.event_id,  # one id, one content
    max_size=8,
)
END = TEN + 20 * MINUTE


@settings(max_examples=60)
@given(sightings, st.data())
def test_order_repetition_and_batching_change_no_cell(
    events: list[Event], data: st.DataObject
) -> None:
    expected = close(taken(*events), TEN, len(events))[0].cells
    again = data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    mixed = data.draw(st.permutations([*events, *again]))
    state, offset = Detections(), 0
    while offset < len(mixed):
        size = data.draw(st.integers(1, 4))
        taken(*mixed[offset : offset + size], into=state, first=offset)
        offset += size
    changed, _ = close(state, TEN, len(mixed))
    assert changed.cells == expected
    sure = [e for e in events if e.real("confidence") != 0.05]
    assert sum(changed.accepted.values()) == len(sure)
    assert sum(changed.duplicates.values()) == sum(e in sure for e in again)
    assert sum(changed.doubtful.values()) == sum(e not in sure for e in mixed)


@settings(max_examples=60)
@given(sightings, st.data())
def test_a_restart_between_ticks_is_as_if_it_had_never_been(
    events: list[Event], data: st.DataObject
) -> None:
    ticks = range(TEN + 2 * MINUTE, END, 2 * MINUTE + 30 * SECOND)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), min_size=7, max_size=8)))
    steady, mended = taken(*events), taken(*events)
    restart = data.draw(st.integers(0, len(ticks)))
    for number, (tick, cut) in enumerate(zip(ticks, [*cuts, len(events)], strict=False)):
        assert close(mended, tick, cut) == close(steady, tick, cut)
        if number == restart:
            kept = mended
            mended = Detections(last_tick=tick)
            mended.restore(kept.cells, kept.ids)
            taken(*events[cut:], into=mended, first=cut)
