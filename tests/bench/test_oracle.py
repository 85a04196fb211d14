"""The oracle by hand, and what it says of wrong cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.detections import LABELS, Minute, minutes
from bench.oracle import Cell, Totals, cells, judge
from core.moment import MINUTE

BY_HAND = Minute(
    end=2 * MINUTE,
    event_id=["a", "b", "c", "d", "e", "f"],
    occurred_at=np.array([MINUTE, 2 * MINUTE - 1, 2 * MINUTE, MINUTE, MINUTE, MINUTE]),
    camera=np.array([1, 1, 1, 2, 1, 3]),
    label=np.array([0, 0, 0, 1, 0, 0]),
    count=np.array([2, 3, 4, 5, 100, 1]),
    confidence=np.array([0.5, 0.25, 0.75, 0.1, 0.099, 0.0]),
)
"""The last two are too unsure; exactly 0.1 is sure enough."""
EXPECTED: dict[Cell, Totals] = {
    (1, "CAM-001", LABELS[0]): (5, 2, 0.5),
    (2, "CAM-001", LABELS[0]): (4, 1, 0.75),
    (1, "CAM-002", LABELS[1]): (5, 1, 0.1),
}


def test_cells_are_sums_counts_and_maxima_by_minute_camera_and_label() -> None:
    assert cells([BY_HAND]) == (EXPECTED, 2)


def test_the_order_of_events_changes_no_cell() -> None:
    turned = replace(
        BY_HAND,
        **{
            name: getattr(BY_HAND, name)[::-1]
            for name in ("event_id", "occurred_at", "camera", "label", "count", "confidence")
        },
    )
    assert cells([turned]) == (EXPECTED, 2)


def test_no_event_is_left_out() -> None:
    found, rejected = cells(minutes(70_000))
    assert sum(events for _, events, _ in found.values()) == 70_000 - rejected
    assert 6_500 < rejected < 7_500


def test_equal_cells_are_exact() -> None:
    verdict = judge((EXPECTED, 2), (dict(EXPECTED), 2))
    assert verdict.exact
    assert str(verdict) == "exact"


FIRST = next(iter(EXPECTED))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param({}, "3 missing, 0 off, 0 invented", id="nothing"),
        pytest.param(
            EXPECTED | {FIRST: (5, 2, 0.25)}, "0 missing, 1 off, 0 invented", id="another maximum"
        ),
        pytest.param(
            EXPECTED | {FIRST: (5, 3, 0.5)}, "0 missing, 1 off, 0 invented", id="one counted twice"
        ),
        pytest.param(
            EXPECTED | {(9, "CAM-001", "car"): (1, 1, 0.5)},
            "0 missing, 0 off, 1 invented",
            id="a cell that is not there",
        ),
    ],
)
def test_any_difference_is_wrong(found: dict[Cell, Totals], told: str) -> None:
    verdict = judge((EXPECTED, 2), (found, 2))
    assert not verdict.exact
    assert str(verdict) == f"WRONG: {told}"


@pytest.mark.parametrize("rejected", [0, 1, 3])
def test_another_number_of_rejects_is_wrong(rejected: int) -> None:
    verdict = judge((EXPECTED, 2), (dict(EXPECTED), rejected))
    assert not verdict.exact
    assert f"{rejected} rejected instead of 2" in str(verdict)
