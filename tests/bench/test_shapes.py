"""What each shape of the stream promises, and that none of them ever changes."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from bench.detections import EVEN, START, Minute, Shape, minutes
from bench.scale.oracle import cells
from core import moment

HOT = Shape(hot=0.9)
MANY = Shape(cameras=10_000)


def _cameras(shape: Shape, events: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.concatenate([minute.camera for minute in minutes(events, shape)])


@pytest.mark.parametrize(
    ("shape", "digest"),
    [
        (EVEN, "02e570c909f98bd8"),
        (HOT, "b644864fdf3cef92"),
        (MANY, "1fc9ffb6aab4b5c6"),
        (Shape(cameras=10_000, a_second=10_000), "4d561bd8f3b3e1a5"),
    ],
)
def test_no_shape_ever_changes(shape: Shape, digest: str) -> None:
    (minute,) = minutes(1_000, shape)
    assert hashlib.sha256(b"".join(minute.framed(7))).hexdigest()[:16] == digest


@pytest.mark.parametrize("hot", [0.6, 0.9])
def test_the_hot_camera_sends_its_share_beside_its_part_of_the_rest(hot: float) -> None:
    cameras = _cameras(Shape(hot=hot), 200_000)
    share = float((cameras == 0).mean())
    assert share == pytest.approx(hot + (1 - hot) / EVEN.cameras, abs=0.005)


def test_only_the_camera_differs_between_hot_and_even() -> None:
    (even,), (hot,) = minutes(5_000), minutes(5_000, HOT)
    for name in ("occurred_at", "label", "count", "confidence"):
        assert (getattr(even, name) == getattr(hot, name)).all()
    assert even.event_id == hot.event_id
    cold = hot.camera != 0
    assert (hot.camera[cold] == even.camera[cold]).all()


def test_every_one_of_many_cameras_is_seen() -> None:
    assert len(np.unique(_cameras(MANY, 150_000))) == 10_000


def test_more_than_a_million_cells_come_of_two_million_events() -> None:
    found, _ = cells(minutes(2_000_000, MANY), MANY.cameras)
    assert len(found) > 1_000_000


def test_more_events_a_second_are_as_many_more_in_a_minute() -> None:
    fast = Shape(a_second=10_000)
    first, second = minutes(600_001, fast)
    assert (len(first), len(second)) == (600_000, 1)
    assert (first.end, second.end) == (START + moment.MINUTE, START + 2 * moment.MINUTE)
    assert int(first.occurred_at.max()) < first.end


def test_the_parts_of_a_minute_are_the_minute() -> None:
    (minute,) = minutes(1_000)
    parts = list(minute.parts(300))
    assert [len(part) for part in parts] == [300, 300, 300, 100]
    assert [value for part in parts for value in part.framed(7)] == minute.framed(7)
    assert _joined(parts, "camera") == minute.camera.tolist()


def _joined(parts: list[Minute], name: str) -> list[int]:
    return [value for part in parts for value in getattr(part, name).tolist()]
