"""The size of each row is the length of what two Avro libraries make of it."""

from __future__ import annotations

import io
import json
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
import pyruhvro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.avro_sizes import row_sizes, varint_sizes

FIELDS: list[dict[str, Any]] = [
    {"name": "text", "type": "string"},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    {"name": "count", "type": "int"},
    {"name": "score", "type": ["null", "double"]},
    {"name": "note", "type": ["null", "string"]},
    {"name": "late", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
    {"name": "flag", "type": "boolean"},
]
SCHEMA = {"type": "record", "name": "row", "fields": FIELDS}
PLAIN = fastavro.parse_schema(
    {
        "type": "record",
        "name": "plain",
        "fields": [
            {**field, "type": "long"} if field["name"] == "at" else field
            for field in FIELDS
            if field["name"] != "late"
        ]
        + [{"name": "late", "type": ["null", "long"]}],
    }
)
LONGS = st.integers(-(2**63), 2**63 - 1)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.text(max_size=200),
            "at": LONGS,
            "count": st.integers(-(2**31), 2**31 - 1),
            "score": st.none() | st.floats(),
            "note": st.none() | st.text(max_size=80),
            "late": st.none() | LONGS,
            "flag": st.booleans(),
        }
    ),
    min_size=1,
    max_size=20,
)


def columns(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    moment = pa.timestamp("us")
    return pa.RecordBatch.from_pylist(
        rows,
        schema=pa.schema(
            {
                "text": pa.string(),
                "at": pa.int64(),
                "count": pa.int32(),
                "score": pa.float64(),
                "note": pa.string(),
                "late": pa.int64(),
                "flag": pa.bool_(),
            }
        ),
    ).cast(
        pa.schema(
            {
                "text": pa.string(),
                "at": moment,
                "count": pa.int32(),
                "score": pa.float64(),
                "note": pa.string(),
                "late": moment,
                "flag": pa.bool_(),
            }
        )
    )


@given(ROWS)
def test_as_fastavro_writes_it(rows: list[dict[str, Any]]) -> None:
    lengths = []
    for row in rows:
        body = io.BytesIO()
        fastavro.schemaless_writer(body, PLAIN, row)
        lengths.append(len(body.getvalue()))
    assert row_sizes(columns(rows), FIELDS).tolist() == lengths


@given(ROWS)
def test_as_pyruhvro_writes_it_from_any_slice(rows: list[dict[str, Any]]) -> None:
    whole = columns(rows)
    part = whole.slice(len(rows) // 2)
    (bodies,) = pyruhvro.serialize_record_batch(whole, json.dumps(SCHEMA), 1)
    expected = [len(body) for body in bodies.to_pylist()[len(rows) // 2 :]]
    assert row_sizes(part, FIELDS).tolist() == expected


def test_a_number_grows_by_a_byte_every_seven_bits() -> None:
    numbers = np.array([0, -1, 63, -64, 64, -65, 8191, 8192, 2**62 - 1, 2**63 - 1, -(2**63)])
    assert varint_sizes(numbers).tolist() == [1, 1, 1, 1, 2, 2, 2, 3, 9, 10, 10]
    assert varint_sizes(numbers[:0]).tolist() == []


def test_a_type_that_no_event_has_is_refused() -> None:
    batch = pa.RecordBatch.from_pylist([{"x": 1}])
    for kind in ("map", ["int", "string"]):
        with pytest.raises(TypeError, match="no size is known"):
            row_sizes(batch, [{"name": "x", "type": kind}])
