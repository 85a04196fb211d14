"""Moments of many texts are those of each."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core import moment
from wire.rfc3339 import moments

ANY = st.integers(moment.parse("0001-01-01T00:00:00Z"), moment.parse("9999-12-31T23:59:59Z"))
WRITTEN = ANY.map(moment.rfc3339)
NEAR = st.from_regex(
    r"(19|20)[0-9]{2}-[0-9]{2}-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{6})?Z",
    fullmatch=True,
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = draw(WRITTEN)
    at = draw(st.integers(0, len(text) - 1))
    return text[:at] + draw(st.sampled_from("0129:-T.Z+ /a")) + text[at + 1 :]


@settings(max_examples=500)
@given(st.lists(WRITTEN | NEAR | damaged(), min_size=1, max_size=40), st.sampled_from([20, 27]))
def test_what_is_read_is_what_the_text_says(texts: list[str], length: int) -> None:
    texts = [text for text in texts if len(text) == length]
    found, exact = moments(
        np.array([list(t.encode()) for t in texts], np.uint8).reshape(-1, length)
    )
    for text, at, read in zip(texts, found.tolist(), exact.tolist(), strict=True):
        if read:
            assert moment.parse(text) == at


@given(st.lists(WRITTEN, max_size=9))
def test_what_the_core_writes_is_read(texts: list[str]) -> None:
    for text in texts:
        found, exact = moments(np.frombuffer(text.encode(), np.uint8).reshape(1, -1))
        assert exact.all()
        assert moment.rfc3339(int(found[0])) == text


def test_a_text_of_another_length_is_not_read() -> None:
    _, exact = moments(np.frombuffer(b"2026-11-23T01:30:00.5Z", np.uint8).reshape(1, -1))
    assert not exact.any()


def test_many_dates_are_read_right_or_not_at_all() -> None:
    texts = [moment.rfc3339(day * moment.DAY + 1) for day in range(20_000, 20_040)]
    found, exact = moments(np.array([list(text.encode()) for text in texts], np.uint8))
    assert exact[:16].all()
    for text, at, read in zip(texts, found.tolist(), exact.tolist(), strict=True):
        assert not read or moment.parse(text) == at
