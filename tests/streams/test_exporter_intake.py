"""Which records may become a metric."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.outcome import Reason, Reject
from core.rows import Finality, KpiRow, Status
from streams.exporter.intake import REASONS, admit

SCOPES = {"k": frozenset({"city", "opd"})}


def record(**changes: object) -> bytes:
    row = KpiRow(
        kpi="k",
        window="1d",
        scope_type="city",
        scope_id="15.71",
        window_start=0,
        window_end=1,
        numerator=1,
        denominator=3,
        value="33.333",
        status=Status.OK,
        finality=Finality.FINAL,
        revision=0,
        completeness="0.5",
    )
    return json.dumps(json.loads(row.to_record()) | changes).encode()


def reason(given_record: bytes) -> Reason | None:
    outcome = admit(given_record, SCOPES)
    return outcome.reason if isinstance(outcome, Reject) else None


def test_a_row_of_a_declared_kpi_and_scope_is_taken() -> None:
    taken = admit(record(), SCOPES)
    assert isinstance(taken, KpiRow)
    assert (taken.numerator, taken.denominator) == (1, 3)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"kpi": "retired"}, Reason.UNKNOWN_TYPE, id="a KPI nobody declares"),
        pytest.param({"scope_type": "case"}, Reason.UNKNOWN_TYPE, id="a scope it does not declare"),
        pytest.param({"scope_id": "0812 3456 7890"}, Reason.PERSONAL_DATA, id="a phone number"),
        pytest.param({"scope_id": "BH 1234 AB"}, Reason.PERSONAL_DATA, id="a plate"),
        pytest.param({"scope_id": "1571010101900001"}, Reason.PERSONAL_DATA, id="a NIK"),
        pytest.param({"numerator": 1.5}, Reason.INVALID, id="a numerator that is no integer"),
        pytest.param({"denominator": True}, Reason.INVALID, id="a denominator that is no number"),
        pytest.param({"numerator": 10**400}, Reason.INVALID, id="a number beyond any gauge"),
        pytest.param({"value": "1e400"}, Reason.INVALID, id="a value beyond any gauge"),
        pytest.param({"value": "NaN"}, Reason.INVALID, id="a value that is no number"),
        pytest.param({"value": 90}, Reason.INVALID, id="a value that is not text"),
        pytest.param({"completeness": "much"}, Reason.INVALID, id="a completeness in words"),
        pytest.param({"completeness": None}, Reason.INVALID, id="no completeness at all"),
        pytest.param({"scope_id": None}, Reason.INVALID, id="a scope without a name"),
        pytest.param({"excluded": []}, Reason.INVALID, id="exclusions that are no counts"),
        pytest.param({"status": "fine"}, Reason.UNDECODABLE, id="a status that does not exist"),
        pytest.param({"window_end": 5}, Reason.UNDECODABLE, id="a time that is not RFC 3339"),
        pytest.param({"surprise": 1}, Reason.UNDECODABLE, id="a field of another version"),
    ],
)
def test_a_row_that_cannot_be_shown_is_refused_with_its_reason(
    changes: dict[str, object], expected: Reason
) -> None:
    assert reason(record(**changes)) is expected


@pytest.mark.parametrize("bad", [b"", b"\xff", b"[]", b"null", b"{}", b"[" * 100_000])
def test_what_is_no_row_is_undecodable(bad: bytes) -> None:
    assert reason(bad) is Reason.UNDECODABLE


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode))
def test_garbage_never_raises(raw: bytes) -> None:
    assert reason(raw) in REASONS


@given(
    st.dictionaries(
        st.sampled_from(sorted(json.loads(record()))),
        st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.none()),
    )
)
def test_a_row_with_any_field_replaced_never_raises(changes: dict[str, object]) -> None:
    assert reason(record(**changes)) in {None, *REASONS}
