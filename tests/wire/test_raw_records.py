"""Raw records side by side are what they are one by one, whatever lies in their batch."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from hypothesis import given, settings
from hypothesis import strategies as st

from core import moment
from core.bulk import Bulk
from core.manifest import Raw
from core.outcome import Reject
from wire import raw_records
from wire.envelope import from_record, to_record
from wire.kafka_layout import HEADER_BYTES
from wire.record_batches import RecordBatch

AT = moment.parse("2026-11-23T03:00:00.123456Z")
BASE = 7_000
Written = tuple[bytes | None, bytes | None, list[tuple[str, Any]]]


def built(records: list[Written], base: int = BASE, codec: int = 0, step: int = 1) -> RecordBatch:
    """`step` over 1 leaves gaps, as a compacted topic has them."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 2**24)
    for number, (key, value, headers) in enumerate(records):
        builder.append(number * step, 1_795_401_000_000 + 300 * number, key, value, headers)
    return RecordBatch.of(struct.pack(">q", base) + bytes(builder.build())[8:])


def damaged(batch: RecordBatch, payload: bytes) -> RecordBatch:
    """The batch with other records, and the checksum that fits them."""
    tail = batch.raw[21:HEADER_BYTES] + payload
    crc = struct.pack(">I", calc_crc32c(tail))
    size = struct.pack(">i", 9 + len(tail))
    return RecordBatch.of(batch.raw[:8] + size + batch.raw[12:17] + crc + tail)


def edge(raw: Raw) -> Written:
    value, headers = to_record(raw, "frigate")
    return None, value, list(headers)


def compared(chunks: list[RecordBatch], start: int = 0) -> Bulk:
    """All payloads that were found at once, after the proof that they are what they should be."""
    expected = [r for chunk in chunks for r in chunk.records() if r.offset >= start]
    number = 0
    bulks = []
    for group in raw_records.groups(chunks, 4_000):
        found = raw_records.read(group, start)
        for row, place in enumerate(found.numbers.tolist()):
            record = expected[number + place]
            bulk = found.bulk
            raw = Raw(
                bytes(bulk.bodies[row]), int(bulk.received_at[row]), bulk.kinds[bulk.kind[row]]
            )
            assert raw == from_record(record.value, record.headers)
        assert sorted(set(found.numbers.tolist())) == found.numbers.tolist()
        for place in range(len(found)):
            one, record = found.record(place), expected[number + place]
            assert (one.offset, one.value) == (record.offset, record.value)
            assert from_record(one.value, one.headers) == from_record(record.value, record.headers)
        ascii_ = [bytes(body).isascii() for body in found.bulk.bodies]
        assert found.bulk.ascii.tolist() == ascii_
        number += len(found)
        bulks.append(found.bulk)
    assert number == len(expected)
    return bulks[0]


RAW = st.builds(
    Raw,
    st.binary(max_size=40)
    | st.integers(50, 140).map(bytes)
    | st.just(b"x" * 9_000)
    | st.text(max_size=9).map(str.encode),
    st.integers(moment.parse("0001-01-01T00:00:00Z"), moment.parse("9999-12-31T23:59:59Z"))
    | st.integers(0, 2_000).map(lambda n: AT + n * 86_399_999_999)
    | st.just(AT // moment.SECOND * moment.SECOND),
    st.sampled_from([{"topic": "frigate/events"}] * 6 + [{"topic": "frigate/status"}, {}])
    | st.dictionaries(
        st.sampled_from(["topic", "content-type", "x"]), st.text("aé", max_size=3), max_size=3
    ),
)
TIMES = (
    b"2026-11-23T03:00:00Z 2026-11-23T03:00:00.5Z 2026-02-29T03:00:00Z now 2026-11-23T24:00:00Z "
    b"2026-11-23T03:60:00Z 2026-11-23T03:00:60Z \xff 2026-11-23T03:00:00.000000Z "
    b"2026-11-23T03:00:00+07:00 2026-13-01T00:00:00Z 0000-01-01T00:00:00Z 2026-11-23T0:00:000Z"
).split()
TIME = st.sampled_from([*TIMES, b"", b"2026-11-23 03:00:00Z", None])
NAME = st.sampled_from(["received_at", "h-topic", "h-", "ce_id", "é", ""])
STRAY = st.tuples(
    st.none() | st.binary(max_size=3),
    st.none() | st.binary(max_size=70),
    st.lists(st.tuples(NAME, TIME | st.binary(max_size=3)), max_size=4),
)
RECORDS = st.lists(st.one_of(*[RAW.map(edge)] * 5, STRAY), min_size=1, max_size=12)


@settings(max_examples=300)
@given(
    st.lists(RECORDS, min_size=1, max_size=4),
    st.integers(-3, 30),
    st.sampled_from([0, 3]),
    st.sampled_from([1, 1, 70]),
)
def test_any_records_are_what_they_are_one_by_one(
    batches: list[list[Written]], skipped: int, codec: int, step: int
) -> None:
    chunks, base = [], BASE
    for records in batches:
        chunks.append(built(records, base, codec, step))
        base = chunks[-1].next_offset
    # A fetch begins at a batch whose last record is wanted.
    start = min(BASE + skipped, chunks[0].next_offset - 1)
    compared(chunks, start)


@given(RECORDS, st.data())
def test_damaged_records_are_malformed_or_what_the_parser_makes_of_them(
    records: list[Written], data: st.DataObject
) -> None:
    batch = built(records)
    payload = bytearray(batch.payload())
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    broken = damaged(batch, bytes(payload))
    try:
        expected = broken.records()
    except Exception:  # noqa: BLE001 - whatever the parser says
        return
    try:
        found = raw_records.read([(broken, broken.payload())], 0)
    except raw_records.Malformed:
        return
    for row, place in enumerate(found.numbers.tolist()):
        raw = from_record(expected[place].value, expected[place].headers)
        assert isinstance(raw, Raw)
        assert (bytes(found.bulk.bodies[row]), int(found.bulk.received_at[row])) == (
            raw.body,
            raw.received_at,
        )
        assert found.bulk.kinds[found.bulk.kind[row]] == raw.headers


def test_what_the_edge_writes_is_found_at_once() -> None:
    raws = [
        Raw(b"x" * (number * 37), AT + number * 1_000_003, {"topic": f"frigate/{number % 3}"})
        for number in range(60)
    ]
    bulk = compared([built([edge(one) for one in raws])])
    assert len(bulk) == 60
    assert bulk.ascii.all()
    assert len(bulk.kinds) == 3


def test_one_strange_record_is_left_alone() -> None:
    usual = [edge(Raw(b"{}", AT + number, {"topic": "t"})) for number in range(5)]
    several: list[Written] = [
        (b"key", b"{}", usual[0][2]),
        (None, None, usual[0][2]),
        (None, b"{}", [("received_at", b"?")]),
    ]
    for strange in several:
        batch = built([*usual[:2], strange, *usual[2:]])
        found = raw_records.read([(batch, batch.payload())], 0)
        assert found.numbers.tolist() == [0, 1, 3, 4, 5]
        assert isinstance(from_record(*found.record(2)[1:]), Reject | Raw)


@pytest.mark.parametrize("damage", [lambda p: p[:-1], lambda p: p + b"\0", lambda p: b"\1" + p[1:]])
def test_records_that_do_not_fill_their_batch_are_malformed(damage: Any) -> None:
    batch = built([edge(Raw(b"{}", AT, {"topic": "t"}))] * 3)
    broken = damaged(batch, damage(bytes(batch.payload())))
    with pytest.raises(raw_records.Malformed):
        raw_records.read([(broken, broken.payload())], 0)


def varint(number: int) -> bytes:
    zigzag, made = number << 1 ^ number >> 63, b""
    while zigzag > 0x7F:
        made += bytes([zigzag & 0x7F | 0x80])
        zigzag >>= 7
    return made + bytes([zigzag])


def crafted(*fields: bytes) -> RecordBatch:
    """A batch of one record with these bytes after its length."""
    record = b"".join(fields)
    return damaged(built([edge(Raw(b"{}", AT))]), varint(len(record)) + record)


def headers_of(raw: Raw) -> bytes:
    _, headers = to_record(raw, "frigate")
    fields = [varint(len(headers))]
    for name, value in headers:
        fields += [varint(len(name)), name.encode(), varint(len(value)), value]
    return b"".join(fields)


BEFORE = b"\0\0\0"
"""Attributes, time and offset."""
TAIL = headers_of(Raw(b"{}", AT, {"topic": "t"}))
VALUE = varint(2) + b"{}"


def test_a_crafted_record_is_like_any_other() -> None:
    assert len(compared([crafted(BEFORE, varint(-1), VALUE, TAIL)])) == 1


def test_a_key_that_looks_like_a_value_is_a_key() -> None:
    """Its length is 128 as a number: a continued byte, and then one that alone means no key."""
    length = varint(62 + len(VALUE))
    key = length + b"x" * (64 - len(length))
    batch = crafted(BEFORE, varint(64), key, VALUE, TAIL)
    assert batch.records()[0].value == b"{}"
    assert len(compared([batch])) == 0


@pytest.mark.parametrize("attributes", [b"\x80", b"\xff", b"\x01"])
def test_attributes_are_one_byte(attributes: bytes) -> None:
    batch = crafted(attributes, b"\0\0", varint(-1), VALUE, TAIL)
    found = raw_records.read([(batch, batch.payload())], 0)
    assert len(found.bulk) == 0
    assert found.record(0)[:2] == (BASE, b"{}")


@pytest.mark.parametrize("size", [3, 200, 10_000])
def test_a_value_that_is_longer_than_its_record_is_not_taken(size: int) -> None:
    batch = crafted(BEFORE, varint(-1), varint(size) + b"{}", b"\0" * 20)
    found = raw_records.read([(batch, batch.payload())], 0)
    assert len(found.bulk) == 0


def test_a_record_that_ends_in_the_middle_is_malformed() -> None:
    batch = crafted(BEFORE, varint(-1), varint(10_000) + b"{}", b"\0" * 20)
    found = raw_records.read([(batch, batch.payload())], 0)
    with pytest.raises(raw_records.Malformed, match="in the middle"):
        found.record(0)


@pytest.mark.parametrize("more", [b"\0", b"junk"])
def test_a_record_that_goes_on_after_its_headers_is_not_taken(more: bytes) -> None:
    batch = crafted(BEFORE, varint(-1), VALUE, TAIL, more)
    assert len(raw_records.read([(batch, batch.payload())], 0).bulk) == 0


def test_a_negative_length_is_malformed() -> None:
    batch = crafted(BEFORE, varint(-1), VALUE, TAIL)
    payload = batch.payload()
    broken = damaged(batch, bytes([payload[0] | 1]) + payload[1:])
    with pytest.raises(raw_records.Malformed):
        raw_records.read([(broken, broken.payload())], 0)


def test_groups_hold_batches_until_they_are_large_enough() -> None:
    chunks = [built([edge(Raw(b"x" * 400, AT, {"topic": "t"}))] * 3) for _ in range(5)]
    size = 2 * len(chunks[0].payload())
    assert [len(group) for group in raw_records.groups(chunks, size)] == [2, 2, 1]
