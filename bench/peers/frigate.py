"""One raw Frigate `events` message to one canonical event or one reason, for peers in Python.

Decoded by msgspec into a type that names only what is needed: it skips the rest.  Times are
read as floats and rounded, which is exact for the microseconds that the input has.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from bench.peers import avro

EARLIEST = 1_512_061_200_000_000
"""2017-12-01 in Jambi (convention C5)."""
AHEAD = 300_000_000
YEAR_10000 = 253_402_300_800
DETECTED, ANNOTATED = "cctv.detected", "cctv.object_annotated"
SCHEMAS = {name: avro.schema(name) for name in (DETECTED, ANNOTATED)}

Done = tuple[str, bytes, bytes]
"""Event type, key and framed value; or `LETTER`, no key and the raw value."""
LETTER = "letter"


class Bad(Exception):
    """Its text is the reason of the reject."""


class State(msgspec.Struct, gc=False):
    """What is known of an object; any type, since a wrong one is a reject of its own."""

    id: Any = None
    camera: Any = None
    label: Any = None
    top_score: Any = None
    score: Any = None
    start_time: Any = None
    end_time: Any = None
    frame_time: Any = None
    false_positive: Any = None


class Message(msgspec.Struct, gc=False):
    """A message."""

    type: Any = None
    after: State | None = None


_read = msgspec.json.Decoder(Message).decode


class Normalizer:
    """Knows the schema ids."""

    def __init__(self, detected_schema: int, annotated_schema: int) -> None:
        """Ids in the registry."""
        self.ids = {DETECTED: detected_schema, ANNOTATED: annotated_schema}

    def one(self, value: bytes, headers: Any) -> tuple[Done, str]:
        """What the message becomes, and the reason if it is a reject."""
        try:
            event_type, record = _event(value, dict(headers))
        except Bad as bad:
            return (LETTER, b"", value), str(bad)
        key = record["camera_id"].encode()
        framed = avro.write(record, SCHEMAS[event_type], self.ids[event_type])
        return (event_type, key, framed), ""


def _event(value: bytes, headers: dict[str, bytes]) -> tuple[str, dict[str, Any]]:
    if not headers["h-topic"].endswith(b"/events"):
        raise Bad("unknown_type")
    try:
        message = _read(value)
    except msgspec.ValidationError:
        raise Bad("invalid") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Bad("undecodable") from None
    after = message.after
    kind = _text(message.type)
    if after is None:
        raise Bad("missing_field")
    if kind == "new":
        made = _detected(after)
    elif kind == "update":
        seen = after.start_time if after.frame_time is None else after.frame_time
        made = _annotated(after, kind, _moment(seen))
    elif kind == "end":
        made = _annotated(after, kind, _moment(after.end_time))
    else:
        raise Bad("unknown_type")
    received = datetime.fromisoformat(headers["received_at"].decode())
    at = made[1]["occurred_at"]
    if not EARLIEST <= at <= round(received.timestamp() * 1_000_000) + AHEAD:
        raise Bad("time_out_of_range")
    return made


def _detected(state: State) -> tuple[str, dict[str, Any]]:
    if state.false_positive is True:
        return _annotated(state, "false_positive", _moment(state.start_time))
    return DETECTED, {
        "event_id": f"frigate:{_text(state.id)}:detected",
        "occurred_at": _moment(state.start_time),
        "source": "frigate",
        "camera_id": _text(state.camera),
        "label": _text(state.label),
        "count": 1,
        "confidence": _score(state),
        "lat": None,
        "lon": None,
    }


def _annotated(state: State, kind: str, at: int) -> tuple[str, dict[str, Any]]:
    about = _text(state.id)
    camera = "unknown" if state.camera is None else _text(state.camera)
    best = _score(state)
    said = repr((camera, about, kind, at, best))
    digest = hashlib.sha256(said.encode()).hexdigest()[:12]
    return ANNOTATED, {
        "event_id": f"frigate:{about}:{kind}:{digest}",
        "occurred_at": at,
        "source": "frigate",
        "camera_id": camera,
        "object_id": about,
        "kind": kind,
        "score": best,
    }


def _text(value: Any) -> str:
    if value is None or value == "":
        raise Bad("missing_field")
    if type(value) is not str:
        raise Bad("invalid")
    return value


def _score(state: State) -> float | None:
    for value in (state.top_score, state.score):
        if value is not None:
            if type(value) not in (float, int) or not 0 <= value <= 1:
                raise Bad("invalid")
            return float(value)
    return None


def _moment(value: Any) -> int:
    if value is None:
        raise Bad("missing_field")
    if type(value) not in (float, int):
        raise Bad("invalid")
    if not 0 <= value < YEAR_10000:
        raise Bad("time_out_of_range")
    return round(float(value) * 1_000_000)
