"""Canonical events as bytes: Confluent framing and fastavro, from the schema files alone."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fastavro

FRAME = struct.Struct(">bI")
MINUTE = 60_000_000
LEAST_CONFIDENCE = 0.1
_HOME = Path(__file__).resolve().parents[2] / "schemas" / "avro"


def schema(event_type: str) -> Any:
    """The schema with its moments as whole microseconds."""
    return fastavro.parse_schema(
        json.loads((_HOME / f"{event_type}.avsc").read_text("utf-8"), object_hook=_whole)
    )


def _whole(node: dict[str, Any]) -> Any:
    return node["type"] if "logicalType" in node else node


DETECTED = schema("cctv.detected")
TICK = schema("clock.tick")


def read(value: bytes, tick_schema: int) -> tuple[bool, dict[str, Any]]:
    """Whether it is a tick, and the record."""
    is_tick = FRAME.unpack_from(value)[1] == tick_schema
    body = io.BytesIO(value)
    body.seek(FRAME.size)
    found: Any = fastavro.schemaless_reader(body, TICK if is_tick else DETECTED, None)
    return is_tick, found


def write(record: Mapping[str, Any], parsed: Any, schema_id: int) -> bytes:
    """The framed value."""
    body = io.BytesIO(FRAME.pack(0, schema_id))
    body.seek(FRAME.size)
    fastavro.schemaless_writer(body, parsed, record)
    return body.getvalue()
