"""The columnar oracle says what the loop says, and sees every difference."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench import oracle as by_loop
from bench.detections import LABELS, START, Shape, camera_id, minutes
from bench.scale.oracle import Cells, cells, coded, judge
from bench.scale.published import newer, told
from core import moment

SHAPES = [
    Shape(cameras=3, a_second=5),
    Shape(cameras=1_200, a_second=50),
    Shape(cameras=20, hot=0.9, a_second=10),
]


def _code(cell: by_loop.Cell, cameras: int) -> int:
    minute, camera, label = cell
    number = np.array([int(camera.removeprefix("CAM-"))])
    return int(coded(np.array([minute]), number, np.array([LABELS.index(label)]), cameras)[0])


def _as_columns(found: dict[by_loop.Cell, by_loop.Totals], cameras: int) -> Cells:
    rows = sorted((_code(cell, cameras), *totals) for cell, totals in found.items())
    code, total, events, best = map(np.array, zip(*rows, strict=True))
    return Cells(code, total, events, best)


@pytest.mark.parametrize("shape", SHAPES)
def test_columns_and_loop_agree(shape: Shape) -> None:
    expected, rejected = by_loop.cells(minutes(25_000, shape))
    found, too_unsure = cells(minutes(25_000, shape), shape.cameras)
    assert judge(_as_columns(expected, shape.cameras), found).exact
    assert len(found) == len(expected)
    assert too_unsure == rejected


def test_codes_are_those_of_one_cell_each() -> None:
    found, _ = cells(minutes(25_000, SHAPES[1]), 1_200)
    assert len(np.unique(found.code)) == len(found)
    assert (np.diff(found.code) > 0).all()


RIGHT, _ = cells(minutes(5_000, SHAPES[0]), 3)


@pytest.mark.parametrize("column", ["total", "events", "best"])
def test_one_value_that_is_off_is_seen(column: str) -> None:
    values = getattr(RIGHT, column).copy()
    values[7] += 1
    verdict = judge(RIGHT, replace(RIGHT, **{column: values}))
    assert (verdict.missing, verdict.different, verdict.invented) == (0, 1, 0)


def test_a_cell_that_is_missing_or_invented_is_seen() -> None:
    fewer = Cells(RIGHT.code[1:], RIGHT.total[1:], RIGHT.events[1:], RIGHT.best[1:])
    assert judge(RIGHT, fewer).missing == 1
    assert judge(fewer, RIGHT).invented == 1


def _line(**changes: Any) -> bytes:
    shown = {
        "camera_id": "CAM-001", "label": "car", "minute": "2026-03-02T00:00:00.000000Z",
        "count": 3, "events": 2, "confidence": 0.5, "as_of": "2026-03-02T00:01:00.000000Z",
    }  # fmt: skip
    return json.dumps({**shown, **changes}).encode()


def test_of_a_cell_that_was_published_twice_the_last_counts() -> None:
    found = newer([told([_line(), _line(camera_id="CAM-002")], 3), told([_line(count=4)], 3)])
    minute = np.array([START // moment.MINUTE] * 2)
    right = coded(minute, np.array([1, 2]), np.array([0, 0]), 3)
    assert (found.code.tolist(), found.total.tolist()) == (right.tolist(), [4, 3])
    assert (found.events.tolist(), found.best.tolist()) == ([2, 2], [0.5, 0.5])


@pytest.mark.parametrize("odd", [{"camera_id": "CAM-003"}, {"label": "tuk-tuk"}])
def test_a_cell_of_nobody_is_invented(odd: dict[str, str]) -> None:
    assert camera_id(3) == "CAM-003"
    right = told([_line()], 3)
    assert judge(right, newer([right, told([_line(**odd)], 3)])).invented == 1
