"""The row format that others script against, and its record."""

from __future__ import annotations

import json

from msgspec.structs import replace

from core.rows import Finality, KpiRow, Status
from tests.core.stories import wib

ROW = KpiRow(
    "sipaten_on_time_pct", "1d", "city", "city", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"),
    2, 5, "40.00", Status.OK, Finality.PROVISIONAL, 3, "1.0000", {"withdrawn": 1},
    wib("2026-11-21T00:05"), {"city.clock.tick/1": 9, "city.clock.tick/0": 7}, "abc",
)  # fmt: skip


def test_the_format_has_exactly_these_fields_and_values() -> None:
    assert ROW.to_json() == {
        "kpi": "sipaten_on_time_pct",
        "window": "1d",
        "scope_type": "city",
        "scope_id": "city",
        "window_start": "2026-11-19T17:00:00Z",
        "window_end": "2026-11-20T17:00:00Z",
        "numerator": 2,
        "denominator": 5,
        "value": "40.00",
        "status": "ok",
        "finality": "provisional",
        "revision": 3,
        "completeness": "1.0000",
    }


def test_the_record_gives_back_the_row() -> None:
    assert KpiRow.from_record(ROW.to_record()) == ROW


def test_the_record_adds_the_proof_and_is_the_same_for_equal_rows() -> None:
    proof = json.loads(ROW.to_record()).keys() - ROW.to_json().keys()
    assert proof == {"excluded", "as_of", "inputs", "definition"}
    other = KpiRow.from_record(ROW.to_record())
    assert other.to_record() == ROW.to_record()
    assert list(other.inputs) == sorted(ROW.inputs)


def test_what_belongs_to_a_row_travels_in_the_record_and_only_where_there_is_something() -> None:
    more = replace(ROW, companions={"b": "2.00", "a": "1"}, details={"weakest": "k"})
    assert more.to_json() == ROW.to_json()
    full = json.loads(more.to_record())
    assert list(full["companions"]) == ["a", "b"]
    assert full["details"] == {"weakest": "k"}
    assert KpiRow.from_record(more.to_record()) == more


def test_the_identity_names_the_window_and_not_the_revision() -> None:
    assert ROW.identity == (
        "sipaten_on_time_pct", "1d", "city", "city", wib("2026-11-20T00:00"),
    )  # fmt: skip
