"""A rejected record keeps its bytes and its story."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core import moment
from core.outcome import Reason, Reject
from wire.deadletters import DETAIL_CHARS, read, record

AT = moment.parse("2026-11-23T01:30:00Z")
BAD = Reject(Reason.INVALID, "no such field: 'lampu'", b"\x00\xffraw")


def stored(value: bytes | None, headers: list[tuple[str, bytes]]) -> Any:
    return SimpleNamespace(offset=3, value=value, headers=tuple(headers))


def written(reject: Reject) -> Any:
    _, value, headers = record(
        reject, connector="frigate", topic="raw.frigate", partition=2, offset=71, at=AT
    )
    return stored(value, headers)


def test_a_dead_letter_reads_as_it_was_written() -> None:
    letter = read(written(BAD))
    assert (letter.reason, letter.detail, letter.raw) == ("invalid", BAD.detail, BAD.raw)
    assert (letter.index, letter.origin, letter.connector) == (3, "raw.frigate/2/71", "frigate")
    assert letter.at == AT


def test_the_same_record_rejected_again_has_the_same_key() -> None:
    keys = {
        record(BAD, connector="c", topic="raw.c", partition=0, offset=1, at=at)[0]
        for at in (AT, AT + moment.DAY)
    }
    assert keys == {b"raw.c/0/1"}


def test_a_long_detail_is_cut_so_that_the_letter_always_fits() -> None:
    letter = read(written(Reject(Reason.INVALID, "x" * 10_000_000, b"")))
    assert len(letter.detail) == DETAIL_CHARS


@given(
    value=st.none() | st.binary(),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["reject-reason", "origin-offset", "origin-partition", "time", "x"]),
            st.binary(),
        )
    ),
)
def test_a_record_of_somebody_else_is_shown_too(
    value: bytes | None, headers: list[tuple[str, bytes]]
) -> None:
    assert read(stored(value, headers)).raw == (value or b"")
