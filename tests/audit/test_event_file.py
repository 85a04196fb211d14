"""Files of events: every line ends as an event or as a reject with its number."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.event_file import lines
from core import contract
from core.contract import from_line
from core.events import Event
from core.outcome import Reason, Reject
from tests.core.stories import at, event

RESOLVED = event("complaint.resolved", at("09:00"), case_id="K1")
LINE = contract.to_line(RESOLVED).encode()


def read(content: bytes) -> list[tuple[int, Event | Reject]]:
    return list(lines(io.BytesIO(content)))


def changed(type: str = "complaint.submitted", **fields: object) -> bytes:
    plain = {"type": type, "event_id": "e", "occurred_at": "2026-11-20T02:00:00Z", "source": "s"}
    return json.dumps(plain | {"case_id": "K"} | fields).encode()


def test_each_line_is_an_event_with_its_number() -> None:
    found = read(LINE + b"\n\n  \r\n" + LINE + b"\r\n" + LINE)
    assert [number for number, _ in found] == [1, 4, 5]
    assert {contract.to_line(e) for _, e in found if isinstance(e, Event)} == {LINE.decode()}
    assert len(found) == 3


def test_gzip_is_unpacked() -> None:
    assert read(gzip.compress(LINE + b"\n") + gzip.compress(LINE)) == read(LINE + b"\n" + LINE)


@pytest.mark.parametrize("kept", [9, 40, -1])
def test_a_gzip_file_that_breaks_off_ends_with_a_reject(kept: int) -> None:
    *_, (_, last) = read(gzip.compress(LINE + b"\n")[:kept])
    assert isinstance(last, Reject)
    assert "gzip" in last.detail


def test_an_empty_file_holds_nothing() -> None:
    assert read(b"") == []


def test_a_bad_line_costs_only_itself() -> None:
    found = read(b"{\n" + LINE + b"\n\xff\xfe\n[]\n")
    assert [isinstance(one, Reject) for _, one in found] == [True, False, True, True]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (changed("complaint.burnt"), Reason.UNKNOWN_TYPE),
        (changed(occurred_at="1969-12-31T23:59:59Z"), Reason.INVALID),
        (changed(occurred_at="9999-12-31T00:00:00Z"), Reason.INVALID),
        (changed(due_at="9999-12-31T00:00:00Z"), Reason.INVALID),
        (changed(occurred_at=10**30), Reason.INVALID),
        (changed(occurred_at="yesterday"), Reason.INVALID),
        (changed(lat=float("inf"), lon=1.0), Reason.INVALID),
        (changed(lat=float("nan"), lon=1.0), Reason.INVALID),
        (changed(category="\ud800"), Reason.INVALID),
        (changed(case_id="\udfff"), Reason.INVALID),
        (changed(event_id="\ud800"), Reason.INVALID),
        (changed(surprise=1), Reason.INVALID),
    ],
)
def test_what_cannot_be_counted_is_rejected(line: bytes, reason: Reason) -> None:
    found = from_line(line)
    assert isinstance(found, Reject)
    assert (found.reason, found.raw) == (reason, line)
    assert found.detail


def test_the_limits_of_time_are_inside() -> None:
    for text in ("1970-01-01T00:00:01Z", "2200-01-01T00:00:00Z"):
        assert isinstance(from_line(changed(occurred_at=text)), Event)


def test_text_beyond_ascii_is_good() -> None:
    assert isinstance(from_line(changed(category="sampah 🚮 é")), Event)


@given(st.binary())
def test_garbage_never_raises(content: bytes) -> None:
    assert all(isinstance(one, Event | Reject) for _, one in read(content))


@given(st.binary())
def test_broken_gzip_never_raises(content: bytes) -> None:
    read(b"\x1f\x8b" + content)
    read(gzip.compress(LINE)[:12] + content)
