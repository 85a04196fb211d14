"""Detections that come after their minute is finished: in no cell, but in the accounts."""

from core import detections, moment
from core.detections import rows_of
from core.events import Event, Value
from core.minute_cells import Detections

NOON = moment.parse("2026-11-20T12:00:00+07:00")


def seen(name: str, at: int, source: str = "frigate") -> Event:
    fields: dict[str, Value] = {"camera_id": "c1", "label": "car", "count": 1}
    return Event(detections.TYPE, name, at, source, fields)


def after_noon() -> Detections:
    """One detection of noon is folded and finished."""
    state = Detections()
    state.take(rows_of([(0, seen("a", NOON))]))
    state.close(NOON + 20 * moment.MINUTE, 1)
    return state


def test_a_late_detection_is_counted_by_source_and_changes_no_cell() -> None:
    state = after_noon()
    state.take(rows_of([(1, seen("b", NOON)), (2, seen("c", NOON, "glasgow_counts"))]))
    changed, published = state.close(NOON + 21 * moment.MINUTE, 3)
    assert changed.late == {"frigate": 1, "glasgow_counts": 1}
    assert len(changed.cells) == 0
    assert len(published) == 0
    assert (changed.accepted, changed.duplicates) == ({}, {})


def test_the_oldest_minute_that_is_open_is_not_late() -> None:
    state = after_noon()
    state.take(rows_of([(1, seen("b", NOON + 10 * moment.MINUTE))]))
    changed, _ = state.close(NOON + 21 * moment.MINUTE, 2)
    assert changed.late == {}
    assert changed.accepted == {"frigate": 1}


def test_every_row_is_accepted_repeated_or_late() -> None:
    state = after_noon()
    rows = [seen("late", NOON), *[seen("same", NOON + 15 * moment.MINUTE)] * 3]
    state.take(rows_of(enumerate(rows, 1)))
    changed, _ = state.close(NOON + 21 * moment.MINUTE, 5)
    told = (changed.accepted, changed.duplicates, changed.late)
    assert sum(sum(counts.values()) for counts in told) == len(rows)
