"""Events as Avro in the Confluent wire format."""

from __future__ import annotations

import io
import json

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import contract, moment
from core.events import Event
from core.outcome import Reason, Reject, Retry
from wire.codec import Codec
from wire.registry import FakeRegistry, ensure_schemas

TICK = Event("clock.tick", "clock:t", moment.parse("2026-11-23T01:30:00Z"), "jcoc")


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


@pytest.fixture
async def codec(registry: FakeRegistry) -> Codec:
    return Codec(await ensure_schemas(registry), registry)


async def test_an_event_comes_back_as_it_went(codec: Codec) -> None:
    assert await codec.decode("city.clock.tick", codec.encode(TICK)) == TICK


async def test_a_codec_that_only_reads_needs_no_ids(codec: Codec, registry: FakeRegistry) -> None:
    assert await Codec({}, registry).decode("clock.tick", codec.encode(TICK)) == TICK


async def test_an_older_version_is_read_with_the_schema_it_was_written_with(
    registry: FakeRegistry,
) -> None:
    older = json.loads(contract.schema_text("clock.tick"))
    older["fields"].insert(0, {"name": "zone", "type": "string"})
    older_id = await registry.register("city.clock.tick-value", json.dumps(older))
    body = io.BytesIO()
    flat = {"zone": "WIB", "event_id": "clock:t", "occurred_at": TICK.occurred_at, "source": "jcoc"}
    fastavro.schemaless_writer(body, contract.parse_writer(json.dumps(older)), flat)
    codec = Codec(await ensure_schemas(registry), registry)
    assert await codec.decode("clock.tick", contract.frame(older_id, body.getvalue())) == TICK


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, Reason.UNDECODABLE, id="a tombstone"),
        pytest.param(b"", Reason.UNDECODABLE, id="nothing"),
        pytest.param(b'{"type": "clock.tick"}', Reason.UNDECODABLE, id="JSON"),
        pytest.param(contract.frame(4_000, b"x"), Reason.UNKNOWN_SCHEMA, id="an unknown id"),
    ],
)
async def test_a_value_that_is_no_event_is_a_reject(
    codec: Codec, value: bytes | None, reason: Reason
) -> None:
    outcome = await codec.decode("city.clock.tick", value)
    assert isinstance(outcome, Reject)
    assert (outcome.reason, outcome.raw) == (reason, value or b"")


async def test_the_schema_of_another_type_is_a_reject(codec: Codec) -> None:
    outcome = await codec.decode("city.cctv.detected", codec.encode(TICK))
    assert isinstance(outcome, Reject)
    assert outcome.reason is Reason.UNKNOWN_SCHEMA


async def test_a_topic_of_no_known_type_is_a_reject(codec: Codec) -> None:
    outcome = await codec.decode("city.clock.tock", codec.encode(TICK))
    assert isinstance(outcome, Reject)
    assert outcome.reason is Reason.UNKNOWN_TYPE


async def test_while_the_registry_is_away_a_foreign_id_waits(
    codec: Codec, registry: FakeRegistry
) -> None:
    registry.away = True
    with pytest.raises(Retry):
        await codec.decode("clock.tick", contract.frame(4_000, b"x"))


async def test_while_the_registry_is_away_our_own_events_are_read(
    codec: Codec, registry: FakeRegistry
) -> None:
    registry.away = True
    assert await codec.decode("clock.tick", codec.encode(TICK)) == TICK


@given(event_type=st.sampled_from(contract.types()), body=st.binary(), other=st.integers(1, 28))
async def test_garbage_is_never_an_exception(event_type: str, body: bytes, other: int) -> None:
    registry = FakeRegistry()
    codec = Codec(await ensure_schemas(registry), registry)
    assert isinstance(await codec.decode(event_type, contract.frame(other, body)), Event | Reject)
