"""A sum that rolls on is the sum that is made anew."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from core.cells import Counters, merged
from core.histogram import MARK, Sum, bars, ranks
from core.rolling import Rolling
from core.timeline import Timeline

NAMES = st.sampled_from(["n", "d", "x:late", "s#5", "s#60", "~a:s#5", "s#-3"])
CELLS = st.dictionaries(
    st.integers(0, 40),
    st.dictionaries(NAMES, st.integers(-2, 3).filter(bool), max_size=3),
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
    rolling = Rolling(Sum, Timeline(cells, 1, lambda cell: Sum((cell,))))
    for span in spans:
        assert _flat(rolling.over(span)) == merged(_between(cells, *span))


@given(CELLS)
def test_bars_are_read_alike_of_a_sum_and_of_a_cell(cells: dict[int, Counters]) -> None:
    plain = merged(cells.values())
    for histogram in ("s", "~a:s", "none"):
        assert bars(Sum(cells.values()), histogram) == bars(plain, histogram)
    assert bars(plain, "s") == {
        int(name.removeprefix("s#")): n for name, n in plain.items() if name.startswith("s#")
    }


@given(CELLS)
def test_what_stands_beside_a_sum_changes_neither(cells: dict[int, Counters]) -> None:
    inside, other = Sum(cells.values()), Sum([{"s#7": 1, "n": 2}])
    before = _flat(inside), _flat(other)
    both = inside.beside("<", other)
    assert bars(both, "<s") == {7: 1}
    assert bars(both, "s") == bars(inside, "s")
    both["since"] = 1
    assert (_flat(inside), _flat(other)) == before


def test_a_window_that_moves_on_looks_at_no_cell_in_its_middle() -> None:
    looked_at: list[int] = []

    class Seen(Timeline[int, Sum]):
        def item(self, start: int) -> Sum:
            looked_at.append(start)
            return super().item(start)

    rolling = Rolling(Sum, Seen({day: day for day in range(40)}, 1, lambda _: Sum()))
    rolling.over((0, 28))
    looked_at.clear()
    rolling.over((1, 29))
    assert looked_at == [28, 0]


@given(CELLS, st.integers(1, 3), SPANS)
def test_what_starts_in_a_span_is_found_in_order_and_made_once(
    cells: dict[int, Counters], size: int, spans: list[tuple[int, int]]
) -> None:
    at = {start * size: counters for start, counters in cells.items()}
    made: list[int] = []

    def make(cell: Counters) -> list[int]:
        made.append(id(cell))
        return [id(cell)]

    timeline = Timeline(at, size, make)
    for start, until in spans:
        wanted = [one for one in sorted(at) if start * size <= one < until * size]
        assert timeline.between(start * size, until * size) == [[id(at[one])] for one in wanted]
    assert len(made) == len(set(made))


@given(CELLS)
def test_bars_stand_in_order_with_how_many_there_are_up_to_each(
    cells: dict[int, Counters],
) -> None:
    total = Sum()
    for cell in cells.values():
        total.add(Sum((cell,)))
        found = bars(total, "s")
        numbers = sorted(found)
        assert ranks(total, "s") == (
            numbers,
            [sum(found[m] for m in numbers if m <= n) for n in numbers],
        )


def _flat(total: Sum) -> Counters:
    """Names and values; a bar that is 0 would be seen."""
    shown = {f"{name}{MARK}{n}": v for name, bars in total.bars.items() for n, v in bars.items()}
    return {**total, **shown}


def _between(cells: dict[int, Counters], start: int, until: int) -> Iterator[Counters]:
    return (counters for at, counters in cells.items() if start <= at < until)
