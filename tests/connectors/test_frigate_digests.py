"""Digests in columns are those of each annotation."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.frigate import digests as module
from connectors.frigate.objects import digest

Row = tuple[str, str, str, int, float]
TEXT = st.text("ab '\"\\\n\x7fé~{", min_size=1, max_size=5)
PLAIN = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1)
SCORE = st.floats(0, 1, exclude_min=True, exclude_max=True)
AT = st.integers(0, 2**53)


def both(rows: list[Row]) -> tuple[list[str], list[str]]:
    cameras, about, kinds = (pa.array([row[n] for row in rows], pa.string()) for n in range(3))
    at = np.array([row[3] for row in rows], np.int64)
    best = np.array([row[4] for row in rows], np.float64)
    found = module.digests(cameras, about, kinds, at, best)
    found.validate(full=True)
    return found.to_pylist(), [digest(*row) for row in rows]


def rows(
    text: st.SearchStrategy[str], score: st.SearchStrategy[float]
) -> st.SearchStrategy[list[Row]]:
    kind = st.sampled_from(["update", "end"])
    return st.lists(st.tuples(text, text, kind, AT, score), max_size=9)


@settings(max_examples=300)
@given(rows(TEXT | PLAIN, SCORE))
def test_any_rows(given_rows: list[Row]) -> None:
    found, expected = both(given_rows)
    assert found == expected


@settings(max_examples=500)
@given(rows(st.just("bata"), st.floats(1e-4, 1, exclude_max=True)))
def test_plain_rows(given_rows: list[Row]) -> None:
    found, expected = both(given_rows)
    assert found == expected


def test_scores_of_all_sizes() -> None:
    scores = [
        m * 10.0**-e for m in (1, 2, 5, 9.999999999999998, 1.0000000000000002) for e in range(1, 9)
    ]
    for score in [*(s for s in scores if s < 1), 1e-4, np.nextafter(1e-4, 0), np.nextafter(1, 0)]:
        found, expected = both([("c", "a", "end", 1, float(score))])
        assert found == expected, score


@pytest.mark.parametrize("odd", ["\x7f", "\x1f", "'", '"', "\\", "é", "~", " "])
def test_one_odd_letter(odd: str) -> None:
    for row in [(f"c{odd}", "a", "end", 1, 0.5), ("c", f"a{odd}", "end", 1, 0.5)]:
        found, expected = both([("c", "a", "update", 2, 0.25), row])
        assert found == expected
