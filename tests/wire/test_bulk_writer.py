"""What is written in columns is what Kafka's own parser reads, record by record."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.record.default_records import DefaultRecordBatch
from hypothesis import given
from hypothesis import strategies as st

from core import contract
from core.events import Event
from wire.bulk_writer import Writer
from wire.config import Kafka
from wire.kafka_layout import HEADER_BYTES
from wire.prebuilt import LZ4, PLAIN, ZSTD, Prebuilt

TYPE = "cctv.object_annotated"
AT = 1_795_401_000_123
TEXT = st.text(st.characters(codec="utf-8"), max_size=80)
EVENT = st.builds(
    lambda name, at, source, camera, about, kind, score: Event(
        TYPE, name, at, source,
        {"camera_id": camera, "object_id": about, "kind": kind, "score": score},
    ),
    TEXT, st.integers(-(2**63), 2**63 - 1), TEXT, TEXT, st.none() | TEXT, TEXT,
    st.none() | st.floats(allow_nan=False),
)  # fmt: skip
MESSAGE = st.tuples(
    st.none() | st.binary(max_size=300),
    st.none() | st.binary(max_size=300),
    st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=9)), max_size=3),
)
CODEC = st.sampled_from([PLAIN, LZ4, ZSTD])


def writer(**options: Any) -> Writer:
    return Writer(now=lambda: AT, **options)


def read(batches: list[Prebuilt]) -> list[Any]:
    """Key, value and headers of each record, by aiokafka's parser."""
    found = []
    for batch in batches:
        raw = bytes(batch._build())
        parsed = DefaultRecordBatch(raw)
        assert parsed.validate_crc()
        assert len(raw) == batch.size()
        assert parsed.next_offset == batch.record_count()
        records = list(parsed)
        assert [record.offset for record in records] == list(range(batch.record_count()))
        assert {record.timestamp for record in records} <= {AT}
        found += [(record.key, record.value, record.headers) for record in records]
    return found


def columns(events: list[Event]) -> pa.RecordBatch:
    kinds = {"string": pa.string(), "long": pa.int64(), "double": pa.float64()}
    names = [field["name"] for field in json.loads(contract.schema_text(TYPE))["fields"]]
    types = dict.fromkeys(names, "string") | {"occurred_at": "long", "score": "double"}
    return pa.RecordBatch.from_pydict(
        {
            name: pa.array([contract.record(one)[name] for one in events], kinds[types[name]])
            for name in names
        }
    )


@given(st.lists(EVENT, max_size=40), CODEC, st.integers(0, 600), st.integers(0, 2**32 - 1))
def test_rows_are_read_as_the_events_they_were(
    events: list[Event], codec: int, limit: int, schema_id: int
) -> None:
    rows = columns(events)
    batches = writer(codec=codec, limit=limit).rows(
        rows.column("camera_id"), rows, contract.schema_text(TYPE), schema_id
    )
    assert read(batches) == [
        (str(e.fields["camera_id"]).encode(), contract.frame(schema_id, contract.encode(e)), [])
        for e in events
    ]


@given(st.lists(MESSAGE, max_size=40), CODEC, st.integers(0, 600))
def test_messages_are_read_as_they_were_given(messages: list[Any], codec: int, limit: int) -> None:
    assert read(writer(codec=codec, limit=limit).messages(messages)) == messages


@given(st.lists(st.tuples(st.binary(max_size=300), st.binary(max_size=300)), max_size=40), CODEC)
def test_pairs_without_nulls_take_the_way_of_columns(pairs: list[Any], codec: int) -> None:
    batches = writer(codec=codec, limit=600).pairs(pairs)
    assert read(batches) == [(key, value, []) for key, value in pairs]


def test_rows_of_a_slice_are_those_of_the_slice() -> None:
    events = [Event(TYPE, f"e{n}", n, "s", {"camera_id": f"c{n}", "kind": "k"}) for n in range(9)]
    part = columns(events).slice(4, 3)
    batches = writer().rows(part.column("camera_id"), part, contract.schema_text(TYPE), 7)
    assert [key for key, _, _ in read(batches)] == [b"c4", b"c5", b"c6"]


@pytest.mark.parametrize("value_bytes", [10, 100, 1_000])
def test_a_batch_keeps_to_its_limit_and_is_not_much_smaller(value_bytes: int) -> None:
    pairs = [(b"key", bytes(value_bytes))] * 5_000
    batches = writer(codec=PLAIN, limit=50_000).pairs(pairs)
    sizes = [batch.size() - HEADER_BYTES for batch in batches[:-1]]
    assert sizes
    assert all(30_000 * (value_bytes > 10) < size <= 50_000 for size in sizes)


def test_a_record_over_the_limit_is_a_batch_of_its_own() -> None:
    pairs = [(b"a", b"1"), (b"b", bytes(5_000)), (b"c", b"3")]
    for more in ([], [(b"d", None)]):
        batches = writer(codec=PLAIN, limit=1_000).pairs([*pairs, *more])
        assert [batch.record_count() for batch in batches] == [1, 1, 1 + len(more)]


@pytest.mark.parametrize("codec", [LZ4, ZSTD])
def test_what_compression_makes_longer_is_sent_as_it_is(codec: int) -> None:
    small, large = (writer(codec=codec).pairs([(b"k", bytes(n))]) for n in (1, 1_000))
    assert [batch._build()[22] for batch in (*small, *large)] == [PLAIN, codec]


def test_a_place_in_the_sequence_is_written_and_can_be_changed() -> None:
    (batch,) = writer().pairs([(b"k", b"v")])
    for place in ((7, 1, 40), (8, 0, 0)):
        batch._set_producer_state(*place)
        parsed = DefaultRecordBatch(bytes(batch._build()))
        assert (parsed.producer_id, parsed.producer_epoch, parsed.base_sequence) == place
        assert parsed.validate_crc()


@pytest.mark.parametrize("transactional", [False, True])
def test_a_batch_of_a_transaction_says_so(transactional: bool) -> None:
    (batch,) = writer(transactional=transactional).pairs([(b"k", b"v")])
    assert DefaultRecordBatch(bytes(batch._build())).is_transactional is transactional


def test_nothing_can_be_added() -> None:
    (batch,) = writer().pairs([(b"k", b"v")])
    assert batch.append(timestamp=None, key=b"k", value=b"v", headers=[]) is None  # type: ignore[func-returns-value]  # as aiokafka asks
    assert batch.closed()
    assert batch.record_count() == 1


def test_a_null_that_cannot_be_written_is_refused() -> None:
    rows = columns([Event(TYPE, "e", 1, "s", {"camera_id": "c", "kind": "k"})])
    keys, schema = rows.column("camera_id"), contract.schema_text(TYPE)
    with pytest.raises(ValueError, match="keys"):
        writer().rows(pa.nulls(1, pa.string()), rows, schema, 7)
    rows = rows.set_column(0, "event_id", pa.nulls(1, pa.string()))
    with pytest.raises(ValueError, match="event_id"):
        writer().rows(keys, rows, schema, 7)
    with pytest.raises(ValueError, match="values"):
        writer().values(keys, pa.nulls(1, pa.binary()))


def test_sizes_that_are_wrong_are_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.bulk_writer.contract.FRAME_BYTES", 6)
    rows = columns([Event(TYPE, "e", 1, "s", {"camera_id": "c", "kind": "k"})])
    with pytest.raises(ArithmeticError, match="not as long"):
        writer().rows(rows.column("camera_id"), rows, contract.schema_text(TYPE), 7)


@pytest.mark.stack
@pytest.mark.parametrize("codec", [PLAIN, LZ4, ZSTD])
async def test_a_broker_takes_them_in_order_beside_ordinary_sends(
    kafka: Kafka, topic: str, codec: int
) -> None:
    pairs = [(b"%d" % n, b"value %d" % n) for n in range(2_000)]
    batches = Writer(codec=codec, limit=8_000).pairs(pairs)
    async with AIOKafkaProducer(**kafka.client(), enable_idempotence=True, acks="all") as sender:
        first = await sender.send(topic, b"first", b"k", 2)
        waiting = [await sender.send_batch(batch, topic, partition=2) for batch in batches]
        last = await sender.send(topic, b"last", b"k", 2)
        places = [(await one).offset for one in (first, *waiting, last)]
    assert places[0] == 0
    assert places[-1] == len(pairs) + 1
    async with AIOKafkaConsumer(
        topic, **kafka.client(), auto_offset_reset="earliest", enable_auto_commit=False
    ) as consumer:
        found: list[tuple[bytes, bytes]] = []
        while len(found) < len(pairs) + 2:
            found.append(((record := await consumer.getone()).key, record.value))
    assert found == [(b"k", b"first"), *pairs, (b"k", b"last")]
