"""Messages of `<prefix>/events` in columns: what nearly all of Frigate's messages are.

Here only the plain case is read: UTF-8 without a byte order mark, one JSON object of which
msgspec approves (it is stricter than Python's reader: no NaN, no half surrogate pairs), times in
seconds with up to six decimals, a score between 0 and 1.  `parse` reads the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.frigate.digests import digests
from connectors.frigate.objects import SOURCE
from connectors.frigate.parse import is_message
from connectors.frigate.seconds import micros
from core import event_columns
from core.bulk import Bulk, Columns, Mask, Rows

_SHALLOW_BYTES = 1_600
"""A body this short cannot be nested deeper than any JSON reader goes."""
_FEW_BRACKETS = 400


class _New(msgspec.Struct, gc=False, rename={"at": "start_time", "score": "top_score"}):
    id: str
    camera: str
    label: str
    score: float
    at: msgspec.Raw
    false_positive: bool | None = None


class _Update(msgspec.Struct, gc=False, rename={"at": "frame_time", "score": "top_score"}):
    id: str
    camera: str
    at: msgspec.Raw
    score: float


class _End(msgspec.Struct, gc=False, rename={"at": "end_time", "score": "top_score"}):
    id: str
    camera: str
    score: float
    at: msgspec.Raw


class _NewMessage(msgspec.Struct, gc=False, tag_field="type", tag="new"):
    after: _New


class _UpdateMessage(msgspec.Struct, gc=False, tag_field="type", tag="update"):
    after: _Update


class _EndMessage(msgspec.Struct, gc=False, tag_field="type", tag="end"):
    after: _End


_decode = msgspec.json.Decoder(_NewMessage | _UpdateMessage | _EndMessage).decode
_NOT_PLAIN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_KINDS: Mapping[type[Any], str] = {_UpdateMessage: "update", _EndMessage: "end"}


def bulk(given: Bulk) -> Columns:
    """See `core.manifest.BulkParse`."""
    wanted = given.of_kind(lambda headers: is_message(headers.get("topic", "")))
    messages = _decoded(given.bodies, wanted)
    for number in _strange(given, messages):
        messages[number] = None
    rows = [_detected(messages), _annotated(messages)]
    left = np.ones(len(given), bool)
    for one in rows:
        left[one.numbers] = False
    return Columns(rows, np.flatnonzero(left))


def _decoded(bodies: Sequence[bytes | memoryview], wanted: Mask) -> list[Any]:
    """Message of each wanted body; None where msgspec does not approve."""
    found: list[Any] = []
    chosen = bodies if wanted.all() else itertools.compress(bodies, wanted)
    messages = map(_decode, chosen)
    while True:
        try:
            for message in messages:
                found.append(message)
            break
        except _NOT_PLAIN:
            found.append(None)
    if wanted.all():
        return found
    each = iter(found)
    return [next(each) if one else None for one in wanted]


def _strange(given: Bulk, messages: Sequence[Any]) -> Iterator[int]:
    """Bodies that Python may judge in another way than msgspec."""
    sizes = np.fromiter(map(len, given.bodies), np.int64, len(given))
    for number in np.flatnonzero(~given.ascii | (sizes > _SHALLOW_BYTES)).tolist():
        if messages[number] is not None and not _is_text(bytes(given.bodies[number])):
            yield number


def _is_text(body: bytes) -> bool:
    """Whether it is UTF-8, for msgspec does not look into text that it skips, and not too deep."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return len(body) <= _SHALLOW_BYTES or body.count(b"[") + body.count(b"{") <= _FEW_BRACKETS


def _detected(messages: Sequence[Any]) -> Rows:
    """As `objects.detected`."""
    numbers = [n for n, message in enumerate(messages) if type(message) is _NewMessage]
    seen = [messages[number].after for number in numbers]
    at, keep = micros([one.at for one in seen])
    ids, cameras, labels = (
        pa.array([one.id for one in seen], pa.string()),
        pa.array([one.camera for one in seen], pa.string()),
        pa.array([one.label for one in seen], pa.string()),
    )
    score = np.array([one.score for one in seen], np.float64)
    keep &= _plain(score) & _filled(ids) & _filled(cameras) & _filled(labels)
    keep &= np.array([one.false_positive is not True for one in seen], bool)
    columns = {
        "event_id": pc.binary_join_element_wise(SOURCE, ids, "detected", ":"),
        "occurred_at": pa.array(at),
        "source": _constant(SOURCE, len(seen)),
        "camera_id": cameras,
        "label": labels,
        "count": pa.array(np.ones(len(seen), np.int32)),
        "confidence": pa.array(score),
    }
    return _rows("cctv.detected", numbers, columns).where(keep)


def _annotated(messages: Sequence[Any]) -> Rows:
    """As `objects.annotated`."""
    numbers = [n for n, message in enumerate(messages) if type(message) in _KINDS]
    seen = [messages[number].after for number in numbers]
    at, keep = micros([one.at for one in seen])
    score = np.array([one.score for one in seen], np.float64)
    about, cameras, kinds = (
        pa.array([one.id for one in seen], pa.string()),
        pa.array([one.camera for one in seen], pa.string()),
        pa.array([_KINDS[type(messages[number])] for number in numbers], pa.string()),
    )
    keep &= _plain(score) & _filled(about) & _filled(cameras)
    digest = digests(cameras, about, kinds, at, score)
    columns = {
        "event_id": pc.binary_join_element_wise(SOURCE, about, kinds, digest, ":"),
        "occurred_at": pa.array(at),
        "source": _constant(SOURCE, len(seen)),
        "camera_id": cameras,
        "object_id": about,
        "kind": kinds,
        "score": pa.array(score),
    }
    return _rows("cctv.object_annotated", numbers, columns).where(keep)


def _rows(event_type: str, numbers: Sequence[int], columns: Mapping[str, pa.Array]) -> Rows:
    """What is not named is null."""
    schema = event_columns.schema(event_type)
    arrays = [
        columns[field.name] if field.name in columns else pa.nulls(len(numbers), field.type)
        for field in schema
    ]
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
    return Rows(event_type, np.array(numbers, np.int64), batch)


def _constant(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _plain(score: Any) -> Mask:
    """Whether it lies between 0 and 1: then so does the number that was written."""
    between: Mask = (score > 0) & (score < 1)
    return between


def _filled(texts: pa.Array) -> Mask:
    """Whether each text holds something."""
    found: Mask = pc.binary_length(texts).to_numpy(zero_copy_only=False) > 0
    return found
