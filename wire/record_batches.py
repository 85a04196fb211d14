"""Record batches as Kafka keeps them, and their records as columns without an object for each.

A fetched partition is a row of record batches (KIP-98, magic 2): a header of 61 bytes and the
records, compressed together.  A record is written as

    length, attributes, timestamp delta, offset delta, key, value, headers

in zigzag varints and length-prefixed bytes, which is exactly how Avro would write such a record.
So the records of a batch, with their number before and a zero after them, are one Avro array,
and a columnar Avro decoder reads them all in one call, the events in their values included.

Nothing is believed that was not proved: a decoder that stumbles over one bad record may read on
in the middle of the next.  `_proved` holds the sizes that the columns must have against the
lengths that the records state, and their sum against the bytes of the batch.  Varints are never
shorter than their least size, so if the sums are equal every field stood where it was read.
What is not proved, or not laid out alike, gives None: then `records()` has it one by one.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyruhvro
from aiokafka.codec import gzip_decode, lz4_decode, snappy_decode, zstd_decode
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c

from core.outcome import Halt
from wire.avro_sizes import Sizes, row_sizes, text_lengths, varint_sizes, whole

_HEADER = struct.Struct(">qiibIhiqqqhii")
HEADER_BYTES = _HEADER.size
_BEFORE_LENGTH = 12
"""Bytes that a batch's length does not count: its offset and the length itself."""
_CHECKED_FROM = 21
_CODEC, _CONTROL = 0x07, 0x20
_CODECS = {1: ("gzip", gzip_decode), 2: ("snappy", snappy_decode), 3: ("lz4", lz4_decode),
           4: ("zstd", zstd_decode)}  # fmt: skip
_OUTSIDE = ("k_length", "k_attributes", "k_time", "k_offset")
_FRAME_BYTES = 5


class Corrupt(ValueError):
    """The bytes of a batch do not have its checksum: they must be fetched again."""


class Outer(NamedTuple):
    """What Kafka knows of the records of one batch, in columns."""

    offsets: Sizes
    timestamps: Sizes
    """Milliseconds since 1970."""
    keys: pa.Array
    """Binary; null where a record has no key."""
    values: pa.Array
    """Binary."""
    headers: Mapping[str, pa.Array]


class Events(NamedTuple):
    """Framed Avro values in columns, by the names of their fields, and their offsets."""

    offsets: Sizes
    columns: pa.RecordBatch


@dataclass(frozen=True)
class RecordBatch:
    """One record batch.

    `raw` is the whole of it as fetched.
    """

    raw: bytes
    base_offset: int
    next_offset: int
    count: int
    attributes: int
    base_time: int
    """Milliseconds since 1970, as is `max_time`."""
    max_time: int

    @classmethod
    def of(cls, raw: bytes) -> RecordBatch:
        """Read the header.  Raises Corrupt unless the checksum fits."""
        (base, length, _, magic, crc, attributes, last, base_time, max_time, _, _, _, count) = (
            _HEADER.unpack_from(raw)
        )
        if magic != 2:
            message = f"a record batch of format {magic}: Kafka 4 and later have none but 2"
            raise Halt(message)
        if length != len(raw) - _BEFORE_LENGTH or calc_crc32c(raw[_CHECKED_FROM:]) != crc:
            message = f"the record batch at offset {base} does not have its checksum"
            raise Corrupt(message)
        return cls(raw, base, base + last + 1, count, attributes, base_time, max_time)

    @property
    def is_control(self) -> bool:
        """Whether it marks the end of a transaction and holds no records of ours."""
        return bool(self.attributes & _CONTROL)

    def records(self) -> Sequence[Any]:
        """The records one by one, each with offset, timestamp, key, value and headers."""
        self._readable()
        return list(DefaultRecordBatch(self.raw))

    @cached_property
    def _payload(self) -> bytes:
        return self.payload()

    def payload(self) -> bytes:
        """The records as Kafka lays them out, decompressed; they are not kept."""
        decode = self._readable()
        body = memoryview(self.raw)[HEADER_BYTES:]
        return bytes(body) if decode is None else bytes(decode(body))

    def _readable(self) -> Any:
        codec = self.attributes & _CODEC
        if not codec:
            return None
        if codec not in _CODECS:
            message = (
                f"the records from offset {self.base_offset} on have the unknown codec {codec}"
            )
            raise Halt(message)
        return _CODECS[codec][1]

    def outer(self) -> Outer | None:
        """Keys, values and headers in columns; None when the records are not laid out alike."""
        layout = _layout(self._payload)
        if layout is None:
            return None
        keyed, headers = layout
        found = _decoded([self], _outer_schema(keyed, headers))
        if found is None or not _proved_outer(found, keyed, headers, len(self._payload)):
            return None
        named: dict[str, pa.Array] = {}
        for number in range(headers):
            names = found.column(f"h{number}_name")
            if not _all_like_first(names):
                return None
            named[names[0].as_py()] = found.column(f"h{number}").view(pa.binary())
        keys = found.column("key").view(pa.binary()) if keyed else pa.nulls(len(found), pa.binary())
        return Outer(*self._places(found), keys, found.column("value").view(pa.binary()), named)

    def _places(self, found: pa.RecordBatch) -> tuple[Sizes, Sizes]:
        return (
            whole(found.column("k_offset")) + self.base_offset,
            whole(found.column("k_time")) + self.base_time,
        )


def events(batches: Sequence[RecordBatch], schema: str, schema_id: int) -> Events | None:
    """The values of batches that follow each other as columns, decoded in one call.

    None unless each has a key, no header, this schema and this id.
    """
    found = _decoded(batches, _inner_schema(schema))
    if found is None:
        return None
    fields = _fields(schema)
    size = sum(len(batch._payload) for batch in batches)  # noqa: SLF001 - its own module
    if not _proved_inner(found, fields, schema_id, size):
        return None
    columns = found.select([field["name"] for field in fields])
    try:
        # An `int` was read as `long`: the decoder would cut one that is too large.
        columns = columns.cast(_written(schema))
        # Of text this proves that it is UTF-8, which the decoder takes for granted.
        columns.validate(full=True)
    except pa.ArrowInvalid:
        return None
    bases = np.repeat(
        np.array([batch.base_offset for batch in batches], np.int64),
        [batch.count for batch in batches],
    )
    return Events(whole(found.column("k_offset")) + bases, columns)


def batches(raw: bytes) -> Iterator[RecordBatch]:
    """Every whole record batch of what was fetched; the broker may cut the last."""
    at = 0
    while at + HEADER_BYTES <= len(raw):
        length = _BEFORE_LENGTH + int.from_bytes(raw[at + 8 : at + 12], "big", signed=True)
        if at + length > len(raw):
            return
        yield RecordBatch.of(raw[at : at + length])
        at += length


def _decoded(batches: Sequence[RecordBatch], schema: str) -> pa.RecordBatch | None:
    count = sum(batch.count for batch in batches)
    payloads = (batch._payload for batch in batches)  # noqa: SLF001 - its own module
    datum = b"".join((_varint(count), *payloads, b"\0"))
    try:
        found = pyruhvro.deserialize_array([datum], schema)
    except BaseException as error:  # a Rust panic is no Exception; anything else goes on
        if type(error).__name__ != "PanicException" and not isinstance(error, Exception):
            raise
        return None
    rows = found.column(0)
    if len(rows) != 1 or len(rows.values) != count:
        return None
    return pa.RecordBatch.from_struct_array(rows.values)


def _proved_outer(found: pa.RecordBatch, keyed: bool, headers: int, size: int) -> bool:
    after = np.full(len(found), len(_varint(headers)), np.int64)
    for number in range(headers):
        for name in (f"h{number}_name", f"h{number}"):
            lengths = text_lengths(found.column(name))
            after += lengths + varint_sizes(lengths)
    values = text_lengths(found.column("value"))
    return _proved(found, keyed, values, after, size) and (
        bool((whole(found.column("header_count")) == headers).all())
    )


def _proved_inner(
    found: pa.RecordBatch, fields: Sequence[Mapping[str, Any]], schema_id: int, size: int
) -> bool:
    values = row_sizes(found, fields) + _FRAME_BYTES
    frame = np.frombuffer(struct.pack(">I", schema_id), np.float32)[0:1].view(np.uint32)
    ids = np.asarray(found.column("schema_id").to_numpy(zero_copy_only=False)).view(np.uint32)
    return (
        bool((whole(found.column("value_length")) == values).all())
        and bool((ids == frame).all())
        and not whole(found.column("magic")).any()
        and not whole(found.column("header_count")).any()
        and _proved(found, True, values, np.ones(len(found), np.int64), size)
    )


def _proved(found: pa.RecordBatch, keyed: bool, values: Sizes, after: Sizes, size: int) -> bool:
    """Whether every record is as long as it says, and all of them as long as the batch."""
    stated = whole(found.column("k_length"))
    lengths = 1 + after + values + varint_sizes(values)
    for name in ("k_time", "k_offset"):
        lengths += varint_sizes(whole(found.column(name)))
    if keyed:
        keys = text_lengths(found.column("key"))
        lengths += keys + varint_sizes(keys)
    else:
        lengths += 1
        if (whole(found.column("key_length")) != -1).any():
            return False
    return (
        bool((stated == lengths).all())
        and not whole(found.column("k_attributes")).any()
        and int(lengths.sum() + varint_sizes(lengths).sum()) == size
    )


def _all_like_first(names: pa.Array) -> bool:
    return len(names.unique()) == 1


def _layout(payload: bytes) -> tuple[bool, int] | None:
    """Whether the first record has a key, and how many headers; None if it cannot be read."""
    try:
        at = 0
        for field in ("length", "attributes", "time", "offset"):
            at = at + 1 if field == "attributes" else _read(payload, at)[1]
        keyed = 0
        for place in ("key", "value"):
            length, at = _read(payload, at)
            if place == "key":
                keyed = length >= 0
            at += max(length, 0)
        headers, _ = _read(payload, at)
    except IndexError:
        return None
    return (bool(keyed), headers) if 0 <= headers <= _MOST_HEADERS else None


_MOST_HEADERS = 40


def _read(payload: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = payload[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at
        shift += 7


def _varint(number: int) -> bytes:
    zigzag, made = number << 1, bytearray()
    while zigzag > 0x7F:
        made.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    made.append(zigzag)
    return bytes(made)


@cache
def _written(schema: str) -> pa.Schema:
    return pyruhvro.deserialize_array([], schema).schema


@cache
def _fields(schema: str) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(schema)["fields"])


@cache
def _outer_schema(keyed: bool, headers: int) -> str:
    named = [
        {"name": name, "type": "string"}
        for number in range(headers)
        for name in (f"h{number}_name", f"h{number}")
    ]
    value = {"name": "value", "type": "string"}
    return _batch_schema(keyed, [value, {"name": "header_count", "type": "long"}, *named])


@cache
def _inner_schema(schema: str) -> str:
    framed = [
        {"name": "value_length", "type": "long"},
        {"name": "magic", "type": "long"},
        # Four raw bytes: what Avro calls a float is never computed with here.
        {"name": "schema_id", "type": "float"},
    ]
    fields = [{**field, "type": _widened(field["type"])} for field in _fields(schema)]
    return _batch_schema(True, [*framed, *fields, {"name": "header_count", "type": "long"}])


def _widened(kind: Any) -> Any:
    if isinstance(kind, list):
        return [_widened(branch) for branch in kind]
    return "long" if kind == "int" else kind


def _batch_schema(keyed: bool, rest: list[Any]) -> str:
    """Text stands for bytes: the decoder knows no bytes, and takes text as it is."""
    key = {"name": "key", "type": "string"} if keyed else {"name": "key_length", "type": "long"}
    fields = [
        {"name": "k_length", "type": "long"},
        {"name": "k_attributes", "type": "long"},
        {"name": "k_time", "type": "long"},
        {"name": "k_offset", "type": "long"},
        key,
        *rest,
    ]
    row = {"type": "record", "name": "kafka_record", "fields": fields}
    records = {"name": "records", "type": {"type": "array", "items": row}}
    return json.dumps({"type": "record", "name": "kafka_batch", "fields": [records]})
