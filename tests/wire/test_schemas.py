"""The canonical schemas: explained, keyed, and never broken for what was released."""

from __future__ import annotations

import json
from typing import Any

import fastavro
import pytest

from core import contract
from core.outcome import Halt
from wire import released

every_type = pytest.mark.parametrize("event_type", contract.types())


def plain(event_type: str) -> dict[str, Any]:
    return dict(json.loads(contract.schema_text(event_type)))


@every_type
def test_parses_as_avro(event_type: str) -> None:
    fastavro.parse_schema(plain(event_type))


@every_type
def test_is_called_as_its_file(event_type: str) -> None:
    schema = plain(event_type)
    assert f"{schema['namespace']}.{schema['name']}" == f"jcoc.{event_type}"


@every_type
def test_explains_itself_and_every_field(event_type: str) -> None:
    schema = plain(event_type)
    assert all(part.get("doc", "").strip() for part in (schema, *schema["fields"]))


@every_type
def test_is_keyed_by_a_field_that_is_never_null(event_type: str) -> None:
    kinds = {field["name"]: field["type"] for field in plain(event_type)["fields"]}
    assert kinds[contract.key_field(event_type)] == "string"


@every_type
def test_a_nullable_field_may_be_left_out(event_type: str) -> None:
    nullable = [field for field in plain(event_type)["fields"] if isinstance(field["type"], list)]
    assert all(field["type"][0] == "null" for field in nullable)
    assert all("default" in field and field["default"] is None for field in nullable)


def test_every_schema_reads_what_was_ever_released() -> None:
    assert list(released.breaks(released.load())) == []


def test_every_schema_is_released() -> None:
    newer = released.text(released.extended(released.load()))
    assert released.FILE.read_text("utf-8") == newer, "run `python -m wire.released`"


def older(event_type: str, **field: Any) -> released.Versions:
    version = plain(event_type)
    return {event_type: [{**version, "fields": [*version["fields"], {"name": "was", **field}]}]}


def test_a_field_that_became_required_breaks_what_was_released() -> None:
    version = plain("clock.tick")
    version["fields"] = [field for field in version["fields"] if field["name"] != "source"]
    (flaw,) = released.breaks({"clock.tick": [version]})
    assert "clock.tick" in flaw
    assert "'source'" in flaw


def test_every_version_counts_not_only_the_last() -> None:
    version = plain("clock.tick")
    version["fields"] = [field for field in version["fields"] if field["name"] != "source"]
    assert list(released.breaks({"clock.tick": [version, plain("clock.tick")]}))


def test_a_field_of_another_type_breaks_what_was_released() -> None:
    version = plain("clock.tick")
    version["fields"][2]["type"] = "long"
    with pytest.raises(Halt, match="'source'"):
        released.extended({"clock.tick": [version]})


def test_a_type_that_is_gone_breaks_what_was_released() -> None:
    (flaw,) = released.breaks({"complaint.forgotten": [plain("clock.tick")]})
    assert "complaint.forgotten" in flaw


def test_a_compatible_change_is_a_further_version() -> None:
    before = older("clock.tick", type="string")
    after = released.extended(before)
    assert after["clock.tick"] == [*before["clock.tick"], plain("clock.tick")]
