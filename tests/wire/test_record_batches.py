"""Columns of a record batch say what its records say one by one, or nothing at all."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import fastavro
import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from core import contract
from core.detections import TYPE
from core.outcome import Halt
from wire.kafka_layout import HEADER_BYTES
from wire.record_batches import Corrupt, RecordBatch, batches
from wire.record_batches import events as decoded

SCHEMA = contract.schema_text(TYPE)
PARSED = fastavro.parse_schema(
    json.loads(SCHEMA, object_hook=lambda node: node["type"] if "logicalType" in node else node)
)
ID = 7
BASE = 1_000
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
MOMENT = st.integers(0, 4_102_444_800_000_000)
REAL = st.none() | st.floats(allow_nan=False)
EVENT = st.fixed_dictionaries(
    {
        "event_id": TEXT,
        "occurred_at": MOMENT,
        "source": TEXT,
        "camera_id": TEXT,
        "label": TEXT,
        "count": st.integers(-(2**31), 2**31 - 1),
        "confidence": REAL,
        "lat": REAL,
        "lon": REAL,
    }
)


def framed(event: dict[str, Any], schema_id: int = ID) -> bytes:
    body = io.BytesIO()
    fastavro.schemaless_writer(body, PARSED, event)
    return contract.frame(schema_id, body.getvalue())


def built(records: list[tuple[bytes | None, bytes | None, Any]], codec: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 2**24)
    for number, (key, value, headers) in enumerate(records):
        builder.append(number, 1_700_000_000_000 + number * 3, key, value, headers)
    return at_offset(bytes(builder.build()), BASE)


def at_offset(raw: bytes, base: int) -> bytes:
    return struct.pack(">q", base) + raw[8:]


def with_payload(raw: bytes, payload: bytes) -> bytes:
    """The batch with other records, and the checksum that fits them."""
    tail = raw[21:HEADER_BYTES] + payload
    crc = struct.pack(">I", calc_crc32c(tail))
    return raw[:8] + struct.pack(">i", 9 + len(tail)) + raw[12:17] + crc + tail


def one(raw: bytes) -> RecordBatch:
    (batch,) = batches(raw)
    return batch


def inner_rows(batch: RecordBatch) -> list[Any] | None:
    events = decoded([batch], SCHEMA, ID)
    if events is None:
        return None
    columns = events.columns
    moments = columns.column("occurred_at").view("int64")
    columns = columns.set_column(1, "occurred_at", moments)
    return list(zip(events.offsets.tolist(), columns.to_pylist(), strict=True))


def slow_inner(batch: RecordBatch) -> list[Any]:
    found = []
    for record in batch.records():
        schema_id, body = contract.unframe(record.value)  # type: ignore[misc]
        assert schema_id == ID
        stream = io.BytesIO(body)
        found.append((record.offset, fastavro.schemaless_reader(stream, PARSED, None)))
        assert stream.tell() == len(body)
    return found


@given(st.lists(EVENT, min_size=1, max_size=9), st.sampled_from([0, 1, 2, 3, 4]))
def test_events_in_columns(events: list[Any], codec: int) -> None:
    batch = one(built([(b"k", framed(event), []) for event in events], codec))
    assert inner_rows(batch) == slow_inner(batch)
    assert [event for _, event in inner_rows(batch) or []] == events


@given(st.lists(st.lists(EVENT, min_size=1, max_size=4), min_size=1, max_size=4))
def test_batches_that_follow_each_other_are_decoded_together(parts: list[list[Any]]) -> None:
    raw = b"".join(
        at_offset(built([(b"k", framed(event), []) for event in part], number % 4), 100 * number)
        for number, part in enumerate(parts)
    )
    found = list(batches(raw))
    together = decoded(found, SCHEMA, ID)
    assert together is not None
    assert together.offsets.tolist() == [record.offset for of in found for record in of.records()]
    assert together.columns["label"].to_pylist() == [e["label"] for part in parts for e in part]


@given(st.lists(EVENT, min_size=2, max_size=6), st.data())
def test_damaged_bytes_are_never_taken_for_events(events: list[Any], data: st.DataObject) -> None:
    raw = built([(b"k", framed(event), []) for event in events])
    payload = bytearray(raw[HEADER_BYTES:])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(payload) - 1))
        change = data.draw(st.sampled_from(["set", "insert", "delete"]))
        if change == "set":
            payload[place] = data.draw(st.integers(0, 255))
        elif change == "insert":
            payload.insert(place, data.draw(st.integers(0, 255)))
        else:
            del payload[place]
    batch = one(with_payload(raw, bytes(payload)))
    rows = inner_rows(batch)
    assert rows is None or repr(rows) == repr(slow_inner(batch))


def event(**changes: Any) -> dict[str, Any]:
    return {
        "event_id": "frigate:1:detected", "occurred_at": 1_772_409_600_000_000, "source": "frigate",
        "camera_id": "CAM-1", "label": "car", "count": 1, "confidence": 0.5, "lat": None,
        "lon": None, **changes,
    }  # fmt: skip


GOOD = framed(event())


@pytest.mark.parametrize(
    "other",
    [
        (b"k", GOOD[:-1], []),
        (b"k", GOOD + b"\0", []),
        (b"k", framed(event(), ID + 1), []),
        (b"k", b"\1" + GOOD[1:], []),
        (b"k", b"", []),
        (None, GOOD, []),
        (b"k", None, []),
        (b"k", GOOD, [("h", b"x")]),
        (b"k", GOOD.replace(b"car", b"c\xffr"), []),
    ],
)
def test_one_record_of_another_kind_makes_it_none(other: Any) -> None:
    batch = one(built([(b"k", GOOD, []), other, (b"k", GOOD, [])]))
    assert decoded([batch], SCHEMA, ID) is None
    assert [record.offset for record in batch.records()] == [BASE, BASE + 1, BASE + 2]


def test_two_mistakes_that_make_up_for_each_other_are_seen() -> None:
    """A byte too many here and one too few there: the sum alone would not tell."""
    longer = framed(event(label="carcar"))
    swapped = longer.replace(b"\x0ccarcar", b"\x06car")
    raw = built([(b"k", longer, []), (b"k", GOOD, [])])
    payload = raw[HEADER_BYTES:].replace(longer, swapped) + b"\0\0\0"
    assert decoded([one(with_payload(raw, payload))], SCHEMA, ID) is None


def test_a_count_beyond_its_bits_is_not_cut() -> None:
    wide = GOOD.replace(b"car\x02", b"car\x80\x80\x80\x80\x10")
    assert decoded([one(built([(b"k", wide, []), (b"k", GOOD, [])]))], SCHEMA, ID) is None
    assert contract.decode(TYPE, wide[contract.FRAME_BYTES :]).whole("count") == 2**31


def test_a_batch_that_was_cut_by_the_broker_waits_for_the_next_fetch() -> None:
    raw = built([(b"k", GOOD, [])])
    assert [batch.count for batch in batches(raw + raw[:-1])] == [1]
    assert [batch.count for batch in batches(raw + raw)] == [1, 1]
    assert list(batches(raw[:20])) == []


def test_damage_on_the_way_is_refused() -> None:
    raw = bytearray(built([(b"k", GOOD, [])]))
    raw[-1] ^= 1
    with pytest.raises(Corrupt, match="offset 1000"):
        list(batches(bytes(raw)))


def test_a_format_or_codec_of_the_future_is_named() -> None:
    raw = built([(b"k", GOOD, [])])
    with pytest.raises(Halt, match="format 3"):
        one(raw[:16] + b"\3" + raw[17:])
    future = bytearray(raw)
    future[22] |= 5
    batch = one(with_payload(bytes(future), raw[HEADER_BYTES:]))
    for call in (batch.records, batch.payload, lambda: decoded([batch], SCHEMA, ID)):
        with pytest.raises(Halt, match="offset 1000 on have the unknown codec 5"):
            call()
