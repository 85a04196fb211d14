"""The raw record is what a replay parses: nothing of it may change on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import moment
from core.manifest import Raw
from core.outcome import Reason, Reject
from wire.envelope import Headers, from_record, to_record

NOON = moment.parse("2026-03-02T12:00:00.000001+07:00")
names = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1)


@given(
    body=st.binary(),
    received_at=st.integers(0, 4 * 10**15),
    headers=st.dictionaries(names, st.text(st.characters(codec="utf-8"))),
)
def test_what_goes_in_comes_out(body: bytes, received_at: int, headers: dict[str, str]) -> None:
    raw = Raw(body, received_at, headers)
    assert from_record(*to_record(raw, "frigate")) == raw


def test_headers_of_undecodable_bytes_survive() -> None:
    raw = Raw(b"", NOON, {"topic": b"frigate/\xff".decode("utf-8", "surrogateescape")})
    assert from_record(*to_record(raw, "frigate")) == raw


def test_carries_the_cloud_events_binding() -> None:
    raw = Raw(b"{}", NOON, {"content-type": "application/json", "webhook-id": "msg_1"})
    assert dict(to_record(raw, "sipaten")[1]) == {
        "ce_specversion": b"1.0",
        "ce_id": b"msg_1",
        "ce_source": b"/jcoc/connectors/sipaten",
        "ce_type": b"jcoc.raw.sipaten",
        "ce_time": b"2026-03-02T05:00:00.000001Z",
        "received_at": b"2026-03-02T05:00:00.000001Z",
        "content-type": b"application/json",
        "h-content-type": b"application/json",
        "h-webhook-id": b"msg_1",
    }


def test_equal_bodies_of_two_deliveries_have_different_ids() -> None:
    first, second = (dict(to_record(Raw(b"online", at), "frigate")[1]) for at in (NOON, NOON + 1))
    assert first["ce_id"] != second["ce_id"]


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (None, [("received_at", b"2026-03-02T05:00:00Z")], Reason.MISSING_FIELD),
        (b"{}", [], Reason.MISSING_FIELD),
        (b"{}", [("received_at", b"yesterday")], Reason.INVALID),
        (b"{}", [("received_at", b"\xff")], Reason.INVALID),
        (b"{}", [("received_at", b"2026-03-02T05:00:00")], Reason.INVALID),
    ],
)
def test_a_record_of_someone_else_is_a_reject(
    value: bytes | None, headers: Headers, reason: Reason
) -> None:
    outcome = from_record(value, headers)
    assert isinstance(outcome, Reject)
    assert outcome.reason == reason
    assert outcome.raw == (value or b"")
