"""How many bytes Avro takes for each row of some columns, without encoding them.

Avro 1.12 specification, "Binary Encoding": whole numbers are zigzag varints of 7 bits a byte,
text and bytes a varint length and the bytes, a double 8 bytes, a union the varint of its branch
before the value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Sizes = np.ndarray[Any, np.dtype[np.int64]]
_FIXED = {"float": 4, "double": 8, "boolean": 1, "null": 0}
_LIMITS = np.array([1 << (7 * bits) for bits in range(1, 10)], dtype=np.uint64)


def varint_sizes(numbers: Sizes) -> Sizes:
    """Bytes of each number as a zigzag varint: 1 to 10."""
    zigzag = ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)
    if not len(zigzag):
        return np.zeros(0, np.int64)
    least, most = np.searchsorted(_LIMITS, [zigzag.min(), zigzag.max()], side="right") + 1
    if least == most:
        return np.full(len(zigzag), least, np.int64)
    return np.searchsorted(_LIMITS, zigzag, side="right").astype(np.int64) + 1


def text_lengths(column: pa.Array) -> Sizes:
    """Bytes of each text or bytes value; 0 for null."""
    kind = np.int64 if pa.types.is_large_string(column.type) else np.int32
    _, offsets, _ = column.buffers()
    if offsets is None:
        return np.zeros(len(column), np.int64)
    found = np.frombuffer(offsets, kind, len(column) + 1, column.offset * np.dtype(kind).itemsize)
    return np.diff(found).astype(np.int64)


def row_sizes(columns: pa.RecordBatch, fields: Sequence[Mapping[str, Any]]) -> Sizes:
    """Bytes of each row as an Avro record with these `fields` (those of its schema).

    The columns have the names of the fields.  Raises TypeError for a type that no event has.
    """
    total = np.zeros(len(columns), np.int64)
    for field in fields:
        total += _sizes(columns.column(field["name"]), field["type"])
    return total


def _sizes(column: pa.Array, kind: Any) -> Sizes | int:
    if isinstance(kind, Mapping):
        return _sizes(column, kind["type"])
    if isinstance(kind, list):
        return _nullable(column, kind)
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in {"string", "bytes"}:
        lengths = text_lengths(column)
        return varint_sizes(lengths) + lengths
    if kind in {"int", "long"}:
        return varint_sizes(whole(column))
    message = f"no size is known of Avro type {kind!r}"
    raise TypeError(message)


def _nullable(column: pa.Array, branches: list[Any]) -> Sizes | int:
    """One byte tells the branch: no schema of ours has more than 64."""
    others = [branch for branch in branches if branch != "null"]
    if len(others) != 1:
        message = f"no size is known of the union {branches!r}"
        raise TypeError(message)
    if not column.null_count:
        return 1 + _sizes(column, others[0])
    there = np.asarray(column.is_valid().to_numpy(zero_copy_only=False))
    return 1 + np.where(there, _sizes(column, others[0]), 0)


def whole(column: pa.Array) -> Sizes:
    """Whole numbers and moments of a column, 0 for null."""
    if column.null_count:
        column = pc.fill_null(column, pa.scalar(0, pa.int64()).cast(column.type))
    if pa.types.is_timestamp(column.type):
        column = column.view(pa.int64())
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.int64, copy=False)
