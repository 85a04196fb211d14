"""The rule by which a schema may follow another."""

from __future__ import annotations

import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.compatibility import clashes

TYPES: list[Any] = [
    "int",
    "long",
    "float",
    "double",
    "string",
    "boolean",
    ["null", "string"],
    ["null", "long"],
]
WRITTEN = {"int": 7, "long": 7, "float": 0.5, "double": 0.5, "string": "x", "boolean": True}


def schema(**fields: Any) -> str:
    entries = [{"name": name, "type": kind} for name, kind in fields.items()]
    return json.dumps({"type": "record", "namespace": "n", "name": "r", "fields": entries})


def with_default(text: str, name: str, default: Any) -> str:
    plain = json.loads(text)
    next(field for field in plain["fields"] if field["name"] == name)["default"] = default
    return json.dumps(plain)


@given(written=st.sampled_from(TYPES), read=st.sampled_from(TYPES), dropped=st.booleans())
def test_what_the_rule_allows_fastavro_can_read(written: Any, read: Any, dropped: bool) -> None:
    old, new = schema(a=written, b="string"), schema(a=read, **({} if dropped else {"b": "string"}))
    if clashes(new, old):
        return
    for branch in written if isinstance(written, list) else [written]:
        body = io.BytesIO()
        record = {"a": WRITTEN.get(branch), "b": "y"}
        fastavro.schemaless_writer(body, json.loads(old), record)
        body.seek(0)
        seen: Any = fastavro.schemaless_reader(body, json.loads(old), json.loads(new))
        assert seen["a"] == record["a"]


@pytest.mark.parametrize(
    ("new", "old", "why"),
    [
        (schema(a="int"), schema(a="long"), "field 'a' is int, it was long"),
        (schema(a="string", b="string"), schema(a="string"), "field 'b' is new and has no default"),
        (schema(a="string"), schema(a=["null", "string"]), "field 'a' is string, it was"),
        (schema(a="long"), schema(a="string"), "field 'a' is long, it was string"),
    ],
)
def test_a_change_that_old_events_do_not_survive_is_named(new: str, old: str, why: str) -> None:
    assert why in clashes(new, old)[0]


def test_a_new_field_with_a_default_is_allowed() -> None:
    new = with_default(schema(a="string", b=["null", "string"]), "b", None)
    assert clashes(new, schema(a="string")) == []


def test_a_logical_type_is_read_as_what_it_is_stored_as() -> None:
    micros = {"type": "long", "logicalType": "timestamp-micros"}
    assert clashes(schema(a=micros), schema(a="long")) == []


def test_a_renamed_record_is_another_record() -> None:
    assert clashes(schema(a="int").replace('"r"', '"q"'), schema(a="int"))


def test_an_enum_may_gain_symbols_but_not_lose_them() -> None:
    def level(*symbols: str) -> dict[str, Any]:
        return {"type": "enum", "name": "level", "symbols": list(symbols)}

    few, more = schema(a=level("LOW")), schema(a=level("LOW", "HIGH"))
    assert clashes(more, few) == []
    assert clashes(few, more)
