"""Record batches written from columns, without an object or a call for each record.

A Kafka record is laid out as Avro would lay it out (see `wire.record_batches`), so a columnar
Avro encoder writes a whole batch in one call, the framed events in its values included.  What it
cannot know is how long each record will be: `wire.avro_sizes` tells before, and what was written
is measured against it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyruhvro
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from core import contract
from wire.avro_sizes import Sizes, row_sizes, text_lengths, varint_sizes
from wire.kafka_layout import HEADER_BYTES, framed, record_schema
from wire.prebuilt import LZ4, PLAIN, Prebuilt

Message = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]
Records = Iterator[tuple[bytes, int]]
"""The records section of each batch, and how many records it holds."""

_MOST_OVERHEAD = 25
"""Bytes that a record may take beside its key and value: lengths, attributes, times, headers."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Writer:
    """Makes batches in the order of the records, each of `limit` bytes before compression.

    A record that alone is longer is a batch of its own.  `now` gives milliseconds since 1970.
    """

    limit: int = 512 * 1024
    """Half of what a broker takes by default."""
    codec: int = LZ4
    transactional: bool = False
    now: Callable[[], int] = _now_ms

    def rows(
        self, keys: pa.Array, rows: pa.RecordBatch, schema: str, schema_id: int
    ) -> list[Prebuilt]:
        """Events in the Confluent wire format.

        `keys` are text or binary without nulls, the columns of `rows` have the names of the
        schema's fields and hold moments as integers.  Raises ValueError for a null that the
        schema forbids.
        """
        fields = _fields(schema)
        columns = [rows.column(str(field["name"])) for field in fields]
        for field, column in zip(fields, columns, strict=True):
            if column.null_count and not isinstance(field["type"], list):
                raise ValueError(f"a null in {field['name']!r}, which the schema forbids")
        frame = pa.array(np.full(len(rows), schema_id, ">u4").view("<f4"))
        magic = pa.array(np.zeros(len(rows), np.int64))
        sizes = row_sizes(rows, fields) + contract.FRAME_BYTES
        inner = [pa.array(sizes), magic, frame, *columns]
        return self._built(_records(keys, sizes, inner, _row_schema(schema), self.limit))

    def values(self, keys: pa.Array, values: pa.Array) -> list[Prebuilt]:
        """Keys and values as they are, text or binary.  Raises ValueError for a null."""
        if values.null_count:
            raise ValueError("a null among the values: write them as messages")
        sizes = text_lengths(values)
        inner = [values.view(pa.string())]
        return self._built(_records(keys, sizes, inner, _VALUE_SCHEMA, self.limit))

    def messages(self, messages: Iterable[Message]) -> list[Prebuilt]:
        """(key, value, headers); None is Kafka's null."""
        found = list(messages)
        if any(key is None or value is None or more for key, value, more in found):
            return self._built(_one_by_one(found, self.limit))
        keys = pa.array([key for key, _, _ in found], pa.binary())
        return self.values(keys, pa.array([value for _, value, _ in found], pa.binary()))

    def pairs(self, pairs: Iterable[tuple[bytes | None, bytes | None]]) -> list[Prebuilt]:
        """(key, value); None is Kafka's null."""
        return self.messages((key, value, ()) for key, value in pairs)

    def _built(self, written: Records) -> list[Prebuilt]:
        at = self.now()
        return [
            Prebuilt(records, count, at, codec=self.codec, transactional=self.transactional)
            for records, count in written
        ]


def _records(
    keys: pa.Array, values: Sizes, inner: Sequence[pa.Array], schema: str, limit: int
) -> Records:
    """`values` are the lengths of what the columns `inner` make up, apart from those lengths."""
    if keys.null_count:
        raise ValueError("a null among the keys: write them as messages")
    found = text_lengths(keys)
    columns = [keys.view(pa.string()), *inner]
    sizes = found + varint_sizes(found) + values + varint_sizes(values)
    ends = np.cumsum(sizes + _MOST_OVERHEAD)
    start = 0
    while start < len(keys):
        room = limit + (int(ends[start - 1]) if start else 0)
        stop = max(start + 1, int(np.searchsorted(ends, room, side="right")))
        part = [column.slice(start, stop - start) for column in columns]
        yield _encoded(part, sizes[start:stop], schema), stop - start
        start = stop


def _encoded(columns: Sequence[pa.Array], sizes: Sizes, schema: str) -> bytes:
    """`sizes` are those of keys and values with their own lengths."""
    numbers = np.arange(len(sizes), dtype=np.int64)
    # Attributes, a time equal to the batch's and the number of headers take a byte each.
    lengths = 3 + varint_sizes(numbers) + sizes
    zeros = np.zeros(len(sizes), np.int64)
    outer = [lengths, zeros, zeros, numbers]
    arrays = [*map(pa.array, outer), *columns, pa.array(zeros)]
    batch = pa.RecordBatch.from_arrays(arrays, names=_names(schema))
    (written,) = pyruhvro.serialize_record_batch(batch, schema, 1)
    if not np.array_equal(text_lengths(written), lengths + varint_sizes(lengths)):
        raise ArithmeticError("a record is not as long as was computed before it was written")
    _, offsets, data = written.buffers()
    ends = np.frombuffer(offsets, np.int32)[[written.offset, written.offset + len(written)]]
    return bytes(memoryview(data)[ends[0] : ends[1]])


def _one_by_one(messages: Iterable[Message], limit: int) -> Records:
    builder, count = _empty(limit), 0
    for key, value, headers in messages:
        while builder.append(count, 0, key, value, list(headers)) is None:
            yield bytes(builder.build())[HEADER_BYTES:], count
            builder, count = _empty(limit), 0
        count += 1
    if count:
        yield bytes(builder.build())[HEADER_BYTES:], count


def _empty(limit: int) -> Any:
    """Aiokafka's own; the first record always fits."""
    return DefaultRecordBatchBuilder(2, PLAIN, 0, -1, -1, -1, limit)


@cache
def _fields(schema: str) -> tuple[Mapping[str, Any], ...]:
    """Logical types only tell readers what a number means."""
    return tuple(json.loads(schema, object_hook=contract.without_logical_type)["fields"])


@cache
def _row_schema(schema: str) -> str:
    return json.dumps(record_schema(framed(_fields(schema))))


_VALUE_SCHEMA = json.dumps(record_schema([{"name": "k_value", "type": "string"}]))


@cache
def _names(schema: str) -> list[str]:
    return [field["name"] for field in json.loads(schema)["fields"]]
