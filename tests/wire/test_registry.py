"""One suite for the real registry and the fake."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from core import contract
from core.outcome import Halt, Retry
from wire.registry import LEVEL, FakeRegistry, Registry, Schemas, ensure_schemas

CLOCK = contract.schema_text("clock.tick")


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.stack)])
async def registry(request: pytest.FixtureRequest) -> AsyncIterator[Schemas]:
    if request.param == "fake":
        yield FakeRegistry()
        return
    async with Registry(request.getfixturevalue("stack").registry_url) as real:
        yield real


@pytest.fixture
def subject() -> str:
    return f"test.{uuid4().hex}-value"


def changed(text: str, **field: object) -> str:
    plain = json.loads(text)
    plain["fields"].append({"name": "zone", "doc": "Added by a test.", **field})
    return json.dumps(plain)


def retyped(text: str, name: str, kind: str) -> str:
    plain = json.loads(text)
    next(field for field in plain["fields"] if field["name"] == name)["type"] = kind
    return json.dumps(plain)


async def released(registry: Schemas, subject: str, text: str = CLOCK) -> int:
    schema_id = await registry.register(subject, text)
    assert await registry.set_compatibility(subject, LEVEL)
    return schema_id


async def test_registering_twice_gives_the_same_id(registry: Schemas, subject: str) -> None:
    assert await registry.register(subject, CLOCK) == await registry.register(subject, CLOCK)


async def test_an_id_gives_its_schema_back(registry: Schemas, subject: str) -> None:
    schema_id = await registry.register(subject, CLOCK)
    assert json.loads(await registry.schema(schema_id)) == json.loads(CLOCK)


@pytest.mark.parametrize("schema_id", [0, 999_999, 2**31 - 1, 2**32 - 1])
async def test_an_id_nobody_registered_is_a_lookup_error(registry: Schemas, schema_id: int) -> None:
    with pytest.raises(LookupError):
        await registry.schema(schema_id)


async def test_a_new_subject_takes_anything(registry: Schemas, subject: str) -> None:
    assert await registry.compatible(subject, CLOCK)


async def test_a_field_with_a_default_may_be_added(registry: Schemas, subject: str) -> None:
    first = await released(registry, subject)
    wider = changed(CLOCK, type=["null", "string"], default=None)
    assert await registry.compatible(subject, wider)
    assert await registry.register(subject, wider) != first


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(changed(CLOCK, type="string"), id="a new field without a default"),
        pytest.param(retyped(CLOCK, "source", "long"), id="another type"),
    ],
)
async def test_an_incompatible_schema_is_refused(
    registry: Schemas, subject: str, text: str
) -> None:
    await released(registry, subject)
    assert not await registry.compatible(subject, text)
    with pytest.raises(Halt, match=subject):
        await registry.register(subject, text)


async def test_a_default_that_older_events_need_cannot_be_taken_back(
    registry: Schemas, subject: str
) -> None:
    await released(registry, subject)
    await registry.register(subject, changed(CLOCK, type=["null", "string"], default=None))
    with pytest.raises(Halt):
        await registry.register(subject, changed(CLOCK, type=["null", "string"]))


async def test_every_canonical_schema_is_registered_and_guarded(registry: Schemas) -> None:
    ids = await ensure_schemas(registry, patience_s=5)
    assert sorted(ids) == list(contract.types())
    assert await ensure_schemas(registry, patience_s=5) == ids
    broken = changed(contract.schema_text("cctv.detected"), type="string")
    assert not await registry.compatible("city.cctv.detected-value", broken)


async def test_a_registry_that_is_away_is_a_retry() -> None:
    async with Registry("http://127.0.0.1:9/apis/ccompat/v7") as nobody:
        with pytest.raises(Retry, match="no registry at http"):
            await nobody.schema(1)


async def test_ensuring_waits_no_longer_than_its_patience() -> None:
    away = FakeRegistry()
    away.away = True
    with pytest.raises(Retry):
        await ensure_schemas(away, patience_s=0)
