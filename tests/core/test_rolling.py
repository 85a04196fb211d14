"""A sum that rolls on is the sum that is made anew."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from core.cells import Counters, merged
from core.rolling import Rolling

CELLS = st.dictionaries(
    st.integers(0, 40),
    st.dictionaries(st.sampled_from("ndxs"), st.integers(-2, 3).filter(bool), max_size=3),
    max_size=20,
)
SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 15)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=12,
)


@given(CELLS, st.one_of(SPANS, SPANS.map(sorted)))
def test_each_window_is_the_merge_of_its_cells(
    cells: dict[int, Counters], spans: list[tuple[int, int]]
) -> None:
    rolling = Rolling(lambda start, until: _between(cells, start, until))
    for span in spans:
        assert rolling.over(span) == merged(_between(cells, *span))


def test_a_window_that_moves_on_looks_at_no_cell_in_its_middle() -> None:
    seen: list[tuple[int, int]] = []

    def between(start: int, until: int) -> list[Counters]:
        seen.append((start, until))
        return []

    rolling = Rolling(between)
    rolling.over((0, 28))
    rolling.over((1, 29))
    assert seen == [(0, 28), (28, 29), (0, 1)]


def _between(cells: dict[int, Counters], start: int, until: int) -> Iterator[Counters]:
    return (counters for at, counters in cells.items() if start <= at < until)
