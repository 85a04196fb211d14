"""Raw Frigate `events` messages as the edge writes them, and what each must become.

Message n is of 200 cameras and 5 labels, 500 messages a second of event time.  Of each four, two
are `new`, one is an `update` and one the `end` of the first: 50 %, 25 %, 25 %.  One in 200 is
malformed, in eleven ways by turns; one in 1,000 has no `top_score` and is judged by `score`.
What a message must become is told from its number, never from its bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from bench.detections import CAMERAS, LABELS, START, camera_id
from core import moment

TOPIC = "frigate/events"
A_STEP = moment.SECOND // 500
BAD_EVERY, BAD_AT = 200, 77
UNSCORED_EVERY, UNSCORED_AT = 1000, 500
LATER = 4 * moment.SECOND
"""How long after an object's beginning its messages are received; they tell of what was before."""

Expected = tuple[str, dict[str, Any]] | str
"""Event type and fields, or the reason of the reject."""

_STATE = (
    '{"id": "%(id)s", "camera": "%(camera)s", "frame_time": %(frame)s, '
    '"label": "%(label)s", "sub_label": null, "top_score": %(top)s, "false_positive": false, '
    '"start_time": %(start)s, "end_time": %(end)s, "score": %(score)s, "box": [424, 500, 536, 712],'
    ' "area": 23744, "ratio": 2.113207547169812, "region": [218, 440, 693, 915], "active": true, '
    '"stationary": false, "motionless_count": 0, "position_changes": 2, "current_zones": '
    '["simpang"], "entered_zones": ["simpang"], "has_clip": false}'
)
_MESSAGE = '{"type": "%s", "before": %s, "after": %s}'


def received_at(number: int) -> int:
    """Moment at which the edge got the message."""
    return START + number * A_STEP + LATER


def payload(number: int) -> bytes:
    """The body of a message."""
    kind, about = _of(number)
    top, score = _scores(number, about)
    begun = _begun(about)
    frame = begun + moment.SECOND * (number - about)
    told = {
        "id": _id(about),
        "camera": camera_id(about % CAMERAS),
        "label": LABELS[about % len(LABELS)],
        "frame": _seconds(frame),
        "start": _seconds(begun),
        "end": _seconds(frame) if kind == "end" else "null",
        "top": "null" if top is None else top,
        "score": score,
    }
    state = _STATE % told
    text = _MESSAGE % (kind, state, state)
    if number % BAD_EVERY == BAD_AT:
        _, spoil = SPOILT[number // BAD_EVERY % len(SPOILT)]
        return spoil(text)
    return text.encode()


def expected(number: int) -> Expected:
    """What the message becomes."""
    if number % BAD_EVERY == BAD_AT:
        return SPOILT[number // BAD_EVERY % len(SPOILT)][0]
    kind, about = _of(number)
    top, score = _scores(number, about)
    best = score if top is None else top
    camera, identity, begun = camera_id(about % CAMERAS), _id(about), _begun(about)
    if kind == "new":
        return "cctv.detected", {
            "event_id": f"frigate:{identity}:detected",
            "occurred_at": begun,
            "source": "frigate",
            "camera_id": camera,
            "label": LABELS[about % len(LABELS)],
            "count": 1,
            "confidence": best,
            "lat": None,
            "lon": None,
        }
    at = begun + moment.SECOND * (number - about)
    return "cctv.object_annotated", {
        "event_id": f"frigate:{identity}:{kind}:{_digest(camera, identity, kind, at, best)}",
        "occurred_at": at,
        "source": "frigate",
        "camera_id": camera,
        "object_id": identity,
        "kind": kind,
        "score": best,
    }


def all_expected(messages: int) -> Iterator[Expected]:
    """Of the first so many messages."""
    return map(expected, range(messages))


def _of(number: int) -> tuple[str, int]:
    """Kind of a message, and the number of the `new` message of its object."""
    return (("new", 0), ("new", 0), ("update", 2), ("end", 3))[number % 4][0], (
        number - (0, 0, 2, 3)[number % 4]
    )


def _begun(about: int) -> int:
    return START + about * A_STEP + about * 7919 % A_STEP


def _id(about: int) -> str:
    return f"{_seconds(_begun(about))}-{about:06x}"


def _seconds(at: int) -> str:
    return f"{at // moment.SECOND}.{at % moment.SECOND:06d}"


def _scores(number: int, about: int) -> tuple[float | None, float]:
    """`top_score` and `score`: 256ths, as a quantised model gives them."""
    top = (140 + about * 31 % 90 + (number - about)) / 256
    return None if number % UNSCORED_EVERY == UNSCORED_AT else top, top - 20 / 256


def _digest(camera: str, identity: str, kind: str, at: int, best: float) -> str:
    said = f"('{camera}', '{identity}', '{kind}', {at}, {best})"
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _after(**fields: Any) -> Callable[[str], bytes]:
    def spoil(text: str) -> bytes:
        message = json.loads(text)
        message["after"].update(fields)
        return json.dumps(message).encode()

    return spoil


def _without(name: str) -> Callable[[str], bytes]:
    def spoil(text: str) -> bytes:
        message = json.loads(text)
        del message["after"][name]
        return json.dumps(message).encode()

    return spoil


SPOILT: tuple[tuple[str, Callable[[str], bytes]], ...] = (
    ("undecodable", lambda text: text[: len(text) * 3 // 5].encode()),
    ("missing_field", _without("camera")),
    ("invalid", _after(start_time="yesterday")),
    ("invalid", _after(top_score=1.75)),
    ("invalid", lambda text: json.dumps({**json.loads(text), "after": ["car"]}).encode()),
    ("unknown_type", lambda text: text.replace('"new"', '"changed"', 1).encode()),
    ("time_out_of_range", _after(start_time=START // 1000)),
    ("undecodable", lambda text: text.encode().replace(b'"camera": "CAM', b'"camera": "\xff\xfe')),
    ("missing_field", _after(id="")),
    ("invalid", _after(camera=5)),
    ("time_out_of_range", _after(start_time=(START + 300 * moment.DAY) // moment.SECOND)),
)
"""Reason and maker of each sort of malformed message; the text is of a good one."""
