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
What is not proved gives None: then `records()` has it one by one.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import cramjam
import numpy as np
import pyarrow as pa
import pyruhvro
from aiokafka.codec import gzip_decode, snappy_decode, zstd_decode
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c

from core import contract
from core.outcome import Halt
from wire.avro_sizes import Sizes, row_sizes, text_lengths, varint_sizes, whole
from wire.kafka_layout import (
    BEFORE_LENGTH,
    HEADER,
    HEADER_BYTES,
    array_schema,
    framed,
    record_schema,
)

_CHECKED_FROM = 21
_CODEC, _CONTROL = 0x07, 0x20
_CODECS = {1: gzip_decode, 2: snappy_decode, 3: cramjam.lz4.decompress, 4: zstd_decode}


class Corrupt(ValueError):
    """The bytes of a batch do not have its checksum: they must be fetched again."""


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
    max_time: int
    """Milliseconds since 1970."""

    @classmethod
    def of(cls, raw: bytes) -> RecordBatch:
        """Read the header.  Raises Corrupt unless the checksum fits."""
        base, length, _, magic, crc, attributes, last, _, max_time, _, _, _, count = (
            HEADER.unpack_from(raw)
        )
        if magic != 2:
            message = f"a record batch of format {magic}: Kafka 4 and later have none but 2"
            raise Halt(message)
        if length != len(raw) - BEFORE_LENGTH or calc_crc32c(raw[_CHECKED_FROM:]) != crc:
            message = f"the record batch at offset {base} does not have its checksum"
            raise Corrupt(message)
        return cls(raw, base, base + last + 1, count, attributes, max_time)

    @property
    def is_control(self) -> bool:
        """Whether it marks the end of a transaction and holds no records of ours."""
        return bool(self.attributes & _CONTROL)

    def records(self) -> Sequence[Any]:
        """The records one by one, each with offset, timestamp, key, value and headers."""
        self._readable()
        return list(DefaultRecordBatch(self.raw))

    def payload(self) -> memoryview:
        """The records as Kafka lays them out, decompressed."""
        decode = self._readable()
        body = memoryview(self.raw)[HEADER_BYTES:]
        return body if decode is None else memoryview(decode(body))

    def _readable(self) -> Any:
        codec = self.attributes & _CODEC
        if not codec:
            return None
        if codec not in _CODECS:
            message = (
                f"the records from offset {self.base_offset} on have the unknown codec {codec}"
            )
            raise Halt(message)
        return _CODECS[codec]


def events(batches: Sequence[RecordBatch], schema: str, schema_id: int) -> Events | None:
    """The values of batches that follow each other as columns, decoded in one call.

    None unless each has a key, no header, this schema and this id.
    """
    counts = [batch.count for batch in batches]
    payloads = [batch.payload() for batch in batches]
    found = _decoded(payloads, sum(counts), _batch_schema(schema))
    fields = _fields(schema)
    if found is None or not _proved(found, fields, schema_id, sum(map(len, payloads))):
        return None
    columns = found.select([field["name"] for field in fields])
    try:
        # An `int` was read as `long`: the decoder would cut one that is too large.
        columns = columns.cast(_written(schema))
        # Of text this proves that it is UTF-8, which the decoder takes for granted.
        columns.validate(full=True)
    except pa.ArrowInvalid:
        return None
    bases = np.repeat(np.array([batch.base_offset for batch in batches], np.int64), counts)
    return Events(whole(found.column("k_offset")) + bases, columns)


def batches(raw: bytes) -> Iterator[RecordBatch]:
    """Every whole record batch of what was fetched; the broker may cut the last."""
    at = 0
    while at + HEADER_BYTES <= len(raw):
        length = BEFORE_LENGTH + int.from_bytes(raw[at + 8 : at + 12], "big", signed=True)
        if at + length > len(raw):
            return
        yield RecordBatch.of(raw[at : at + length])
        at += length


def _decoded(payloads: Iterable[memoryview], count: int, schema: str) -> pa.RecordBatch | None:
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


def _proved(
    found: pa.RecordBatch, fields: Sequence[Mapping[str, Any]], schema_id: int, size: int
) -> bool:
    """Whether every record is as long as it says, and all of them as long as the batches."""
    values = row_sizes(found, fields) + contract.FRAME_BYTES
    keys = text_lengths(found.column("k_key"))
    # Attributes and the number of headers take a byte each.
    lengths = 2 + keys + varint_sizes(keys) + values + varint_sizes(values)
    for name in ("k_time", "k_offset"):
        lengths += varint_sizes(whole(found.column(name)))
    frame = np.frombuffer(struct.pack(">I", schema_id), np.uint32)
    ids = np.asarray(found.column("k_schema_id").to_numpy(zero_copy_only=False)).view(np.uint32)
    zeros = ("k_attributes", "k_magic", "k_header_count")
    return (
        bool((whole(found.column("k_length")) == lengths).all())
        and bool((whole(found.column("k_value_length")) == values).all())
        and bool((ids == frame).all())
        and not any(whole(found.column(name)).any() for name in zeros)
        and int(lengths.sum() + varint_sizes(lengths).sum()) == size
    )


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
def _batch_schema(schema: str) -> str:
    fields = [{**field, "type": _widened(field["type"])} for field in _fields(schema)]
    return array_schema(record_schema(framed(fields)))


def _widened(kind: Any) -> Any:
    if isinstance(kind, list):
        return [_widened(branch) for branch in kind]
    return "long" if kind == "int" else kind
