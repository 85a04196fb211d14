"""The wire formats of events: what goes out comes back, and garbage is named as such."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import contract
from core.events import Event
from core.outcome import Reason, Reject
from tests.core.random_days import CASES, SENSORS, Draft, events
from tests.core.stories import at, event

some_event = (CASES | SENSORS).map(lambda drafts: events(drafts)[0])
FILED = event("complaint.submitted", at("10:00"), case_id="1", category="sampah")


def filled(given: Event) -> Event:
    """With every nullable field, as a decoder gives it."""
    names = contract.field_names(given.type)
    return Event(
        given.type, given.event_id, given.occurred_at, given.source,
        {name: given.fields.get(name) for name in names},
    )  # fmt: skip


@given(some_event)
def test_avro_gives_back_what_it_was_given(given: Event) -> None:
    assert contract.decode(given.type, contract.encode(given)) == filled(given)


@given(some_event)
def test_a_json_line_gives_back_what_it_was_given(given: Event) -> None:
    assert contract.from_line(contract.to_line(given)) == filled(given)


@given(st.sampled_from(contract.types()), st.binary(max_size=60))
def test_garbage_is_a_value_error_and_nothing_else(event_type: str, body: bytes) -> None:
    with suppress(ValueError):
        assert contract.decode(event_type, body).type == event_type


@given(st.binary(max_size=60))
def test_a_garbled_line_is_a_reject_and_nothing_else(line: bytes) -> None:
    assert isinstance(contract.from_line(line), Reject)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(("case_id", "occurred_at", "source", "lat")), inner),
))  # fmt: skip
def test_a_line_of_odd_values_is_a_reject_and_nothing_else(value: object) -> None:
    line = json.dumps({"type": "complaint.submitted", "event_id": "e", "occurred_at": value,
                       "source": value, "case_id": value})  # fmt: skip
    assert isinstance(contract.from_line(line), Reject)


def test_bytes_left_over_are_no_event() -> None:
    with pytest.raises(ValueError, match="1 bytes left over"):
        contract.decode(FILED.type, contract.encode(FILED) + b"x")


def test_a_frame_names_the_schema() -> None:
    assert contract.unframe(contract.frame(7, b"body")) == (7, b"body")


@pytest.mark.parametrize("value", [None, b"", b"\x00\x00\x00\x00", b"\x01\x00\x00\x00\x07body"])
def test_without_a_frame_it_is_rejected(value: bytes | None) -> None:
    found = contract.unframe(value)
    assert isinstance(found, Reject)
    assert found.reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "complaint.unheard"}, Reason.UNKNOWN_TYPE),
        ({"event_id": ""}, Reason.MISSING_FIELD),
        ({"occurred_at": "2026-11-20T10:00:00"}, Reason.INVALID),
        ({"case_id": 7}, Reason.INVALID),
        ({"colour": "red"}, Reason.INVALID),
        ({"case_id": ""}, Reason.INVALID),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_line_that_breaks_the_contract_is_rejected(
    change: dict[str, object], reason: Reason
) -> None:
    found = contract.from_line(json.dumps({**contract.to_json(FILED), **change}))
    assert isinstance(found, Reject)
    assert found.reason is reason


@pytest.mark.parametrize(
    ("draft", "key"),
    [
        (Draft("source.heartbeat", 1, "sikesal", {}), b"sikesal"),
        (Draft("clock.tick", 1, "jcoc", {}), b"e000"),
        (Draft("ref.camera", 1, "city", {
            "camera_id": "c1", "nominal_fps": 1.0, "in_service": True,
        }), b"c1"),
    ],
)  # fmt: skip
def test_the_key_is_the_entity(draft: Draft, key: bytes) -> None:
    assert contract.key(events([draft])[0]) == key
