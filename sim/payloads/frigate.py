"""Cameras as Frigate tells of them over MQTT, in the layout that the vendor documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from core import moment
from sim.chance import Chance
from sim.incidents import Detection
from sim.payloads.parcels import Parcel
from sim.watch import PROCESS_FPS, SKIPPED_FPS, Stats

EVENTS = {"topic": "frigate/events"}
STATS = {"topic": "frigate/stats"}
_BOX = [415, 489, 528, 700]
_REGION = [260, 446, 660, 846]


def detections(seen: Iterable[Detection], chance: Chance, end: int) -> Iterator[Parcel]:
    """A `new` and, when it is over before `end`, an `end` message of each object."""
    for one in seen:
        yield Parcel("frigate", _arrives(one.start, chance), partial(new, one), EVENTS)
        if one.end < end:
            yield Parcel("frigate", _arrives(one.end, chance), partial(gone, one), EVENTS)


def statistics(all_stats: Iterable[Stats], chance: Chance) -> Iterator[Parcel]:
    """The message of each minute: one record for the recorder and one for each camera."""
    for stats in all_stats:
        at = stats.at + chance.between(50_000, moment.SECOND)
        yield Parcel("frigate", at, partial(statistic, stats), STATS, good=1 + len(stats.fps))


def _arrives(at: int, chance: Chance) -> int:
    """Within two seconds; one in a hundred takes up to five minutes."""
    slowest = 5 * moment.MINUTE if chance.happens(0.01) else 2 * moment.SECOND
    return at + chance.between(200_000, slowest)


def new(seen: Detection) -> bytes:
    """First message of an object."""
    state = _object(seen, seen.start, seen.score, None)
    return _dump({"type": "new", "before": state, "after": state})


def gone(seen: Detection) -> bytes:
    """Last message of an object."""
    before = _object(seen, seen.start, seen.score, None)
    after = _object(seen, seen.end, seen.best, seen.end)
    return _dump({"type": "end", "before": before, "after": after})


def statistic(stats: Stats) -> bytes:
    """The recorder's statistics."""
    cameras = {
        name: {
            "camera_fps": fps,
            "process_fps": PROCESS_FPS,
            "skipped_fps": SKIPPED_FPS,
            "detection_fps": 2.0,
            "detection_enabled": True,
            "capture_pid": 53,
            "ffmpeg_pid": 54,
            "pid": 52,
        }
        for name, fps in stats.fps.items()
    }
    service = {"last_updated": stats.at // moment.SECOND, "uptime": 86_400, "version": "0.15.2"}
    return _dump({"cameras": cameras, "detection_fps": 2.0 * len(cameras), "service": service})


def _object(seen: Detection, at: int, top_score: float, end: int | None) -> dict[str, Any]:
    return {
        "id": seen.object_id,
        "camera": seen.camera_id,
        "frame_time": _seconds(at),
        "label": seen.label,
        "sub_label": None,
        "top_score": top_score,
        "false_positive": False,
        "start_time": _seconds(seen.start),
        "end_time": None if end is None else _seconds(end),
        "score": seen.score,
        "box": _BOX,
        "area": 23_744,
        "ratio": 2.1,
        "region": _REGION,
        "current_zones": [],
        "entered_zones": [],
        "has_snapshot": False,
        "has_clip": False,
        "active": end is None,
        "stationary": False,
        "motionless_count": 0,
        "position_changes": 1,
    }


def _seconds(at: int) -> float:
    """Seconds with microseconds: the shortest decimal of this float is exactly that moment."""
    return at / moment.SECOND


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
