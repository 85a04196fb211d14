"""The contract of canonical events: Avro schemas, Confluent wire format, JSON lines.

`schemas/avro/<type>.avsc` is the single source.  Wire format: byte 0, schema id as 4 bytes big
endian, Avro body (Confluent Schema Registry documentation, "Wire format").
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple, cast

import fastavro
import fastavro.schema
import fastavro.validation
import msgspec

from core import moment
from core.events import Event, Value
from core.fields import FIRST, LAST
from core.outcome import Reason, Reject
from core.soundness import Soundness

_HOME = Path(__file__).resolve().parent.parent / "schemas" / "avro"
_FRAME = struct.Struct(">bI")
FRAME_BYTES = _FRAME.size
PLATFORM = frozenset({"clock.tick", "source.heartbeat"})
"""Types that the backbone itself sends too: no source's records, so not in its accounts."""
_ENVELOPE = ("event_id", "occurred_at", "source")


@cache
def types() -> tuple[str, ...]:
    """Every canonical event type, sorted."""
    return tuple(sorted(path.stem for path in _HOME.glob("*.avsc")))


@cache
def _known() -> frozenset[str]:
    return frozenset(types())


def is_known(event_type: str) -> bool:
    """Whether there is such a type."""
    return event_type in _known()


@cache
def schema_text(event_type: str) -> str:
    """The schema as written.  Raises KeyError for an unknown type."""
    path = _HOME / f"{event_type}.avsc"
    if event_type not in types():
        raise KeyError(event_type)
    return path.read_text("utf-8")


@cache
def _plain(event_type: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(schema_text(event_type)))


@cache
def _parsed(event_type: str) -> Any:
    """Parsed without logical types: the core's moments are the stored microseconds."""
    plain = json.loads(schema_text(event_type), object_hook=without_logical_type)
    return fastavro.schema.parse_schema(plain)


def without_logical_type(node: dict[str, Any]) -> Any:
    """`object_hook` that reads a schema's moments as the stored microseconds."""
    if "logicalType" in node:
        return node["type"]
    return node


@cache
def key_field(event_type: str) -> str:
    """Name of the field by which the type is keyed: `case_id`, `camera_id`."""
    return str(_plain(event_type)["key"])


@cache
def moment_fields(event_type: str) -> frozenset[str]:
    """Names of the fields that hold moments."""
    return frozenset(
        entry["name"] for entry in _plain(event_type)["fields"] if "timestamp" in str(entry["type"])
    )


@cache
def event_times(event_type: str) -> tuple[str, ...]:
    """Names of the moments that convention C5 has to hold for.

    Beside `occurred_at` those of which the schema says `event_time`: a clock begins with them.
    """
    fields = _plain(event_type)["fields"]
    return ("occurred_at", *(entry["name"] for entry in fields if entry.get("event_time")))


@cache
def _ints(event_type: str) -> frozenset[str]:
    return frozenset(
        entry["name"]
        for entry in _plain(event_type)["fields"]
        if entry["type"] == "int" or (isinstance(entry["type"], list) and "int" in entry["type"])
    )


@cache
def field_names(event_type: str) -> tuple[str, ...]:
    """Names of the fields beside the envelope, in schema order."""
    names = (entry["name"] for entry in _plain(event_type)["fields"])
    return tuple(name for name in names if name not in _ENVELOPE)


@cache
def _nullable(event_type: str) -> frozenset[str]:
    return frozenset(
        entry["name"] for entry in _plain(event_type)["fields"] if isinstance(entry["type"], list)
    )


def record(event: Event) -> dict[str, Value]:
    """The event as one flat record in schema order, missing nullable fields as None."""
    flat: dict[str, Value] = {
        "event_id": event.event_id,
        "occurred_at": event.occurred_at,
        "source": event.source,
    }
    for name in field_names(event.type):
        if name in event.fields or name in _nullable(event.type):
            flat[name] = event.fields.get(name)
    return flat


def key(event: Event) -> bytes:
    """The Kafka key: the entity that the event is about."""
    name = key_field(event.type)
    value = {"event_id": event.event_id, "source": event.source}.get(name)
    return (value or event.text(name)).encode()


@cache
def _soundness(event_type: str) -> Soundness:
    return Soundness(_plain(event_type), _ENVELOPE)


def flaw(event: Event) -> str | None:
    """What the contract has against the event, in words; None when it fits."""
    if event.type not in _known():
        return f"unknown event type {event.type!r}; known: {', '.join(types())}"
    return None if surely_fits(event) else _flaw(event)


def surely_fits(event: Event) -> bool:
    """Whether a quick look at an event of a known type is enough to say that it fits."""
    envelope = event.event_id, event.occurred_at, event.source
    return _soundness(event.type).sure(*envelope, event.fields)


def _flaw(event: Event) -> str | None:
    """What a thorough look at an event of a known type finds, in words."""
    unknown = sorted(set(event.fields) - set(field_names(event.type)))
    if unknown:
        return f"{event.type} has no field {unknown[0]!r}; known: {field_names(event.type)}"
    if not event.event_id or not event.source or not key(event):
        return f"{event.type}: event_id, source and {key_field(event.type)} must not be empty"
    flat = record(event)
    missing = [n for n in field_names(event.type) if n not in flat]
    if missing:
        return f"{event.type}: field {missing[0]!r} is missing"
    try:
        fastavro.validation.validate(flat, _parsed(event.type), strict=True)
    except fastavro.validation.ValidationError as error:
        return f"{event.type}: {'; '.join(str(flaw) for flaw in error.errors)}"
    return unsound(event)


def unsound(event: Event) -> str | None:
    """What no schema can forbid but no calculation can bear; None when there is nothing.

    A moment outside `core.fields.FIRST` to `LAST`, a number that is none, an `int` of more than 32
    bits (decoders let it pass or cut it), text that is not Unicode.
    """
    moments, ints = moment_fields(event.type), _ints(event.type)
    for name, value in record(event).items():
        if isinstance(value, float) and not isfinite(value):
            return f"{event.type}: field {name!r} is {value}"
        if name in moments and isinstance(value, int) and not FIRST <= value <= LAST:
            return f"{event.type}: field {name!r} is no moment between 1970 and 2200: {value}"
        if name in ints and isinstance(value, int) and not -(2**31) <= value < 2**31:
            return f"{event.type}: field {name!r} is no whole number of 32 bits: {value}"
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                return f"{event.type}: field {name!r} is not Unicode text: {value!r}"
    return None


def encode(event: Event) -> bytes:
    """The Avro body, without framing.  Call `flaw` first for events from outside."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, _parsed(event.type), record(event), strict=False)
    return body.getvalue()


def decode(event_type: str, body: bytes, writer: Any = None) -> Event:
    """Event of an Avro body.  Raises ValueError for bytes that do not fit the schema.

    `writer` is the parsed schema that the body was written with, when it is another version.
    """
    reader = _parsed(event_type)
    stream = io.BytesIO(body)
    try:
        flat = fastavro.schemaless_reader(stream, writer or reader, reader if writer else None)
    except (
        EOFError,
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        StopIteration,
        OverflowError,
    ) as e:
        message = f"not a {event_type} Avro body: {type(e).__name__} {e}"
        raise ValueError(message) from e
    if stream.tell() != len(body):
        message = f"not a {event_type} Avro body: {len(body) - stream.tell()} bytes left over"
        raise ValueError(message)
    return _from_flat(event_type, cast("dict[str, Value]", flat))


def _from_flat(event_type: str, flat: dict[str, Value]) -> Event:
    event_id, at, source = (flat.pop(name) for name in _ENVELOPE)
    return Event(event_type, str(event_id), int(cast("int", at)), str(source), flat)


def parse_writer(text: str) -> Any:
    """A writer schema from the registry, ready for `decode`."""
    return fastavro.schema.parse_schema(json.loads(text, object_hook=without_logical_type))


def frame(schema_id: int, body: bytes) -> bytes:
    """Confluent wire format."""
    return _FRAME.pack(0, schema_id) + body


def unframe(value: bytes | None) -> tuple[int, bytes] | Reject:
    """Schema id and body of a framed value, or why it is none."""
    if value is None or len(value) < _FRAME.size or value[0] != 0:
        return Reject(Reason.UNDECODABLE, "no Confluent frame (0, 4-byte id, body)", value or b"")
    return _FRAME.unpack_from(value)[1], value[_FRAME.size :]


def to_json(event: Event) -> dict[str, Value]:
    """The event as the JSON lines format prints it: flat, times in RFC 3339 UTC."""
    flat = record(event)
    moments = moment_fields(event.type)
    shown: dict[str, Value] = {"type": event.type}
    for name, value in flat.items():
        shown[name] = moment.rfc3339(value) if name in moments and isinstance(value, int) else value
    return shown


def to_line(event: Event) -> str:
    """One JSON line, without the newline."""
    return json.dumps(to_json(event), ensure_ascii=False)


def loads(raw: bytes) -> Any:
    """What `json.loads` gives, sooner: it takes and words what the quick reader refuses."""
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return json.loads(raw)


class _Reading(NamedTuple):
    """How lines of a type are read: its name, its own moments, and the quick look."""

    type: str
    moments: tuple[str, ...]
    soundness: Soundness


@cache
def _readings() -> Mapping[str, _Reading]:
    return {
        name: _Reading(name, tuple(moment_fields(name) - {"occurred_at"}), _soundness(name))
        for name in types()
    }


def from_line(line: str | bytes) -> Event | Reject:
    """Event of one JSON line, or a Reject that says what is wrong with it."""
    raw = line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass")
    try:
        flat = loads(raw)
    except (ValueError, RecursionError) as error:
        return Reject(Reason.UNDECODABLE, f"not JSON: {error}", raw)
    if not isinstance(flat, dict):
        return Reject(Reason.INVALID, "not a JSON object", raw)
    event_type = flat.pop("type", None)
    reading = _readings().get(event_type) if isinstance(event_type, str) else None
    if reading is None:
        return Reject(Reason.UNKNOWN_TYPE, f"unknown event type {event_type!r}", raw)
    pop = flat.pop
    event_id, at, source = pop("event_id", None), pop("occurred_at", None), pop("source", None)
    if not (event_id and at and source):
        envelope = zip(_ENVELOPE, (event_id, at, source), strict=True)
        missing = next(name for name, said in envelope if not said)
        return Reject(Reason.MISSING_FIELD, f"{event_type}: field {missing!r} is missing", raw)
    try:
        if isinstance(at, str):
            at = moment.parse(at)
        for name in reading.moments:
            if isinstance(text := flat.get(name), str):
                flat[name] = moment.parse(text)
        event = Event(reading.type, event_id, at, source, flat)
        problem = None if reading.soundness.sure(event_id, at, source, flat) else _flaw(event)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        return Reject(Reason.INVALID, f"{event_type}: {error}", raw)
    return Reject(Reason.INVALID, problem, raw) if problem else event
