"""Events in columns are the events they were, and held to the same contract."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import contract, event_columns
from core.events import Event, Value
from core.fields import LAST

EDGES = st.sampled_from([-1, 0, 1, LAST - 1, LAST, LAST + 1, -(2**63), 2**63 - 1])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(codec="utf-8"), max_size=4),
    "long": st.integers(0, LAST) | EDGES,
    "int": st.integers(-(2**31), 2**31 - 1),
    "double": st.floats(allow_nan=True) | st.floats(0, 1),
    "boolean": st.booleans(),
}


@st.composite
def events(draw: st.DrawFn, event_type: str) -> Event:
    values: dict[str, Any] = {}
    for field in json.loads(contract.schema_text(event_type))["fields"]:
        kind = field["type"]
        nullable = isinstance(kind, list)
        kind = next(k for k in kind if k != "null") if nullable else kind
        plain = VALUES[kind["type"] if isinstance(kind, dict) else kind]
        values[field["name"]] = draw(st.none() | plain if nullable else plain)
    name, at, source = (values.pop(key) for key in ("event_id", "occurred_at", "source"))
    return Event(event_type, name, at, source, values)


SEVERAL = st.sampled_from(contract.types()).flatmap(lambda one: st.lists(events(one), min_size=1))


@settings(max_examples=300)
@given(SEVERAL)
def test_sound_rows_are_events_without_a_flaw(some: list[Event]) -> None:
    columns = event_columns.of_events(some[0].type, some)
    found = event_columns.sound(some[0].type, columns).tolist()
    assert found == [contract.flaw(one) is None for one in some]


@given(SEVERAL, st.integers(0, 3))
def test_a_slice_is_judged_like_its_rows(some: list[Event], first: int) -> None:
    columns = event_columns.of_events(some[0].type, some)
    found = event_columns.sound(some[0].type, columns.slice(first)).tolist()
    assert found == event_columns.sound(some[0].type, columns).tolist()[first:]


@given(SEVERAL)
def test_columns_hold_the_values_of_the_events(some: list[Event]) -> None:
    rows = event_columns.of_events(some[0].type, some).to_pylist()
    assert repr(rows) == repr([contract.record(one) for one in some])


@pytest.mark.parametrize("name", ["event_id", "occurred_at", "camera_id", "count"])
def test_a_null_that_the_schema_forbids_is_not_sound(name: str) -> None:
    good = Event("cctv.detected", "e", 1, "s", {"camera_id": "c", "label": "car", "count": 1})
    columns = event_columns.of_events("cctv.detected", [good, good])
    at = columns.schema.get_field_index(name)
    holed = pa.array([columns.column(at)[0].as_py(), None], columns.schema.field(at).type)
    arrays = [holed if n == at else column for n, column in enumerate(columns.columns)]
    columns = pa.RecordBatch.from_arrays(arrays, schema=columns.schema)
    assert event_columns.sound("cctv.detected", columns).tolist() == [True, False]


def test_columns_of_another_type_are_our_mistake() -> None:
    columns = event_columns.of_events("cctv.detected", [])
    with pytest.raises(TypeError, match=r"no columns of cctv\.heartbeat"):
        event_columns.sound("cctv.heartbeat", columns)


@pytest.mark.parametrize("name", ["confidence", "lat", "lon"])
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 0.5, None])
def test_a_number_that_is_none_is_not_sound(name: str, value: float | None) -> None:
    fields: dict[str, Value] = {"camera_id": "c", "label": "car", "count": 1}
    some = [
        Event("cctv.detected", "e", 1, "s", fields),
        Event("cctv.detected", "e", 1, "s", {**fields, name: value}),
    ]
    found = event_columns.sound("cctv.detected", event_columns.of_events("cctv.detected", some))
    assert found.tolist() == [True, contract.flaw(some[1]) is None]
