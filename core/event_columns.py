"""Canonical events in columns, and the contract's demands on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core import contract
from core.bulk import Mask
from core.events import Event
from core.fields import FIRST, LAST

_KINDS = {
    "string": pa.string(),
    "long": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
}


@cache
def schema(event_type: str) -> pa.Schema:
    """Columns of events of the type, in schema order; moments are whole microseconds."""
    fields = json.loads(contract.schema_text(event_type))["fields"]
    return pa.schema([_field(field["name"], field["type"]) for field in fields])


def _field(name: str, kind: Any) -> pa.Field:
    nullable = isinstance(kind, list)
    if nullable:
        (kind,) = (branch for branch in kind if branch != "null")
    plain = kind["type"] if isinstance(kind, dict) else kind
    return pa.field(name, _KINDS[plain], nullable)


def of_events(event_type: str, events: Sequence[Event]) -> pa.RecordBatch:
    """Events of one type that `contract.flaw` has nothing against."""
    records = [contract.record(event) for event in events]
    columns = [
        pa.array([record[field.name] for record in records], field.type)
        for field in schema(event_type)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema(event_type))


def sound(event_type: str, columns: pa.RecordBatch) -> Mask:
    """True for rows that `contract.flaw` has nothing against.

    Raises TypeError unless the columns are those of the type.
    """
    if columns.schema != schema(event_type):
        raise TypeError(f"these are no columns of {event_type}: {columns.schema}")
    named = {"event_id", "source", contract.key_field(event_type)}
    moments = contract.moment_fields(event_type)
    keep: Mask = np.ones(len(columns), bool)
    for field, column in zip(columns.schema, columns.columns, strict=True):
        if column.null_count == len(column) and field.nullable:
            continue
        there = column.is_valid().to_numpy(zero_copy_only=False) if column.null_count else True
        if field.nullable is False:
            keep &= there
        if field.name in named:
            keep &= np.asarray(pc.binary_length(column).to_numpy(zero_copy_only=False)) > 0
        if field.name in moments:
            at = _numbers(column)
            keep &= ((at >= FIRST) & (at <= LAST)) | np.logical_not(there)
        if pa.types.is_floating(field.type):
            keep &= np.isfinite(_numbers(column)) | np.logical_not(there)
    return keep


def _numbers(column: pa.Array) -> Any:
    """Its numbers; what stands for null does not matter."""
    kind = column.type.to_pandas_dtype()
    return np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column)]
