"""How Kafka lays out record batches (KIP-98, magic 2), for who reads and who writes them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any

HEADER = struct.Struct(">qiibIhiqqqhii")
"""Base offset, length, leader's epoch, magic, checksum, attributes, last offset delta, first and
last time, producer's id and epoch, first sequence number, number of records."""
HEADER_BYTES = HEADER.size
BEFORE_LENGTH = 12
"""Bytes that a batch's length does not count: its offset and the length itself."""


def record_schema(value: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Avro record that is laid out as a Kafka record with a key and without headers.

    `value` are the fields that make up the value, its length apart (`framed`, or `k_value` as
    text, which brings its own).  Text stands for bytes: columnar coders know no bytes, and take
    text as it is.  Whole numbers are `long`: a decoder would cut an `int` that is too large.
    """
    before = ("length", "attributes", "time", "offset")
    fields = [
        *({"name": f"k_{name}", "type": "long"} for name in before),
        {"name": "k_key", "type": "string"},
        *value,
        {"name": "k_header_count", "type": "long"},
    ]
    return {"type": "record", "name": "kafka_record", "fields": fields}


def framed(fields: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Fields of a value in the Confluent wire format, from its length on."""
    return [
        {"name": "k_value_length", "type": "long"},
        {"name": "k_magic", "type": "long"},
        # Four raw bytes: what Avro calls a float is never computed with here.
        {"name": "k_schema_id", "type": "float"},
        *fields,
    ]


def array_schema(record: Mapping[str, Any]) -> str:
    """Avro record whose one field is an array of these: the records of a batch in one datum."""
    records = {"name": "records", "type": {"type": "array", "items": record}}
    return json.dumps({"type": "record", "name": "kafka_batch", "fields": [records]})
