"""Frigate's messages to events.  Pure: bytes in, outcomes out.

A message is known by the end of its MQTT topic (header `topic`), so any prefix will do; without a
topic, as in a file, by its shape.  A file may be a JSON list, JSON lines, or a capture whose
objects hold `payload` and perhaps `topic`.

Messages that carry nothing to keep give no outcome: `available` offline, camera status online or
of the role audio (see `recorder`).
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.frigate.annotations import from_review, from_trigger, from_update, review_item
from connectors.frigate.objects import detected, from_message
from connectors.frigate.payload import Flaw, Part, Record, own, parts
from connectors.frigate.recorder import from_availability, from_stats, from_status, is_camera
from core.events import Event
from core.manifest import Raw
from core.outcome import Reason, Reject

Outcomes = Iterator[Event | Reject]

NO_TOPIC = "unknown/"
"""Topic of a captured payload whose capture names none: its shape decides."""
DATED = {
    "events": from_message,
    "reviews": from_review,
    "object of the HTTP API": detected,
    "review of the HTTP API": review_item,
}
TIMELESS = {"tracked_object_update": from_update, "triggers": from_trigger}
"""Messages that may lack a time of their own."""
KNOWN = f"known: {', '.join(['stats', *DATED, *TIMELESS])}, available, <camera>/status/<role>"


def parse(raw: Raw) -> Outcomes:
    """One outcome for each record: a bad one never costs its neighbours."""
    try:
        text = raw.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail = f"not UTF-8 at byte {error.start}: Frigate sends JSON in UTF-8"
        yield Reject(Reason.UNDECODABLE, detail, raw.body)
        return
    if not text.strip():
        yield Reject(Reason.UNDECODABLE, "the message is empty", raw.body)
        return
    yield from _payload(text, raw.headers.get("topic", ""), raw.received_at)


def is_message(topic: str) -> bool:
    """Whether a payload of that topic is one message of `<prefix>/events`, or is no good."""
    *_, before, last = ["", *topic.split("/")]
    return last == "events" and before != "status"


def _payload(text: str, topic: str, received_at: int) -> Outcomes:
    *_, camera, before, last = ["", "", *topic.split("/")]
    if before == "status" or last == "available":
        yield from _state(text, (camera, last) if before == "status" else None, received_at)
        return
    if topic not in ("", NO_TOPIC) and last not in ("stats", *DATED, *TIMELESS):
        yield Reject(Reason.UNKNOWN_TYPE, f"topic {topic[:80]!r} is unknown; {KNOWN}", own(text))
        return
    for part in parts(text):
        yield from [part] if isinstance(part, Reject) else _record(part, topic, received_at)


def _state(text: str, stream: tuple[str, str] | None, received_at: int) -> Outcomes:
    state = text.strip()
    try:
        if stream:
            yield from from_status(*stream, state, received_at)
        else:
            yield from from_availability(state, received_at)
    except Flaw as flaw:
        yield Reject(flaw.reason, str(flaw), own(text))


def _record(part: Part, topic: str, received_at: int) -> Outcomes:
    captured = _unwrapped(part.value) if not topic else None
    try:
        if captured:
            yield from _captured(*captured, received_at)
        else:
            yield from _known(part.value, topic, received_at)
    except Flaw as flaw:
        yield Reject(flaw.reason, str(flaw), own(part.text))


def _unwrapped(value: object) -> tuple[object, str] | None:
    """Payload and topic of a captured message; None for a message itself."""
    if not isinstance(value, dict) or "payload" not in value or "camera" in value:
        return None
    topic = value.get("topic")
    return value["payload"], topic if isinstance(topic, str) else ""


def _captured(payload: object, topic: str, received_at: int) -> Outcomes:
    if isinstance(payload, str):
        yield from _payload(payload, topic or NO_TOPIC, received_at)
    else:
        yield from _known(payload, topic, received_at)


def _known(record: object, topic: str, received_at: int) -> Outcomes:
    if not isinstance(record, dict):
        raise Flaw(Reason.INVALID, "a Frigate message is a JSON object, and so is its `payload`")
    kind = _shape(record) if topic in ("", NO_TOPIC) else topic.rpartition("/")[2]
    if kind == "stats":
        yield from from_stats(record, received_at)
    elif kind in TIMELESS:
        yield TIMELESS[kind](record, received_at)
    elif kind in DATED:
        yield DATED[kind](record)
    else:
        fields = f"fields {sorted(record)[:12]}"
        raise Flaw(Reason.UNKNOWN_TYPE, f"topic {topic[:80]!r}, {fields}: unknown; {KNOWN}")


def _shape(record: Record) -> str:
    """The topic that a message without one would have had; empty when it fits none."""
    after = record.get("after")
    if isinstance(after, dict):
        return "reviews" if "severity" in after else "events"
    if "cameras" in record and "camera" not in record:
        return "stats" if _is_stats(record) else ""
    for names, shape in _SHAPES:
        if names <= record.keys():
            return shape
    return "stats" if any(map(is_camera, record.values())) else ""


def _is_stats(record: Record) -> bool:
    """Whether `cameras` holds statistics: a configuration file has the same name in it."""
    cameras = record["cameras"]
    return not isinstance(cameras, dict) or not cameras or any(map(is_camera, cameras.values()))


_SHAPES = (
    ({"event_id", "camera", "type"}, "triggers"),
    ({"severity", "camera"}, "review of the HTTP API"),
    ({"label", "id"}, "object of the HTTP API"),
    ({"label", "camera", "start_time"}, "object of the HTTP API"),
    ({"type", "id"}, "tracked_object_update"),
)
