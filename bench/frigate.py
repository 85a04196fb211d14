"""Frigate `events` messages of about 1.2 kB, in the layout that the vendor documents."""

from __future__ import annotations

import json
import re
from typing import Any

from bench.detections import CAMERAS, LABELS, camera_id
from core import moment

TOPIC = "frigate/events"


def message(number: int, at: int) -> bytes:
    """The `new` message of the object with that number, seen at moment `at`; ids never repeat."""
    seen = at / moment.SECOND
    state: dict[str, Any] = {
        "id": f"{at // moment.SECOND}.{at % moment.SECOND:06d}-{number:06x}",
        "camera": camera_id(number % CAMERAS),
        "frame_time": seen,
        "label": LABELS[number % len(LABELS)],
        "sub_label": None,
        "top_score": 0.958984375,
        "false_positive": False,
        "start_time": seen,
        "end_time": None,
        "score": 0.7890625,
        "box": [424, 500, 536, 712],
        "area": 23744,
        "ratio": 2.113207547169812,
        "region": [218, 440, 693, 915],
        "active": True,
        "stationary": False,
        "motionless_count": 0,
        "position_changes": 2,
        "current_zones": ["simpang"],
        "entered_zones": ["simpang"],
        "has_clip": False,
        "has_snapshot": False,
        "max_severity": None,
        "attributes": {},
        "current_attributes": [],
    }
    return json.dumps({"type": "new", "before": state, "after": state}).encode()


def number_of(text: str) -> int:
    """The number of the message in which the text (a payload, an event id) names its object."""
    return int(re.search(r"\d+\.\d{6}-([0-9a-f]{6})", text)[1], 16)  # type: ignore[index]  # ours
