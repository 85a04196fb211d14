"""Histograms among the counters of a cell: how many cases there were of each whole number.

A bar is a counter named `<histogram>#<whole number>`; like every other it is added and taken away.
The sum of a window keeps its bars apart, by number: it holds thousands of them, is read by several
(value, median, left out), and is moved on by one cell at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate

from core.cells import add

MARK = "#"


def bar(histogram: str, number: int) -> str:
    """Name of the counter of a whole number."""
    return f"{histogram}{MARK}{number}"


Ranks = tuple[list[int], list[int]]
"""Whole numbers in order, and how many there are up to each."""


class Sum(dict[str, int]):
    """Merged counters of a window: the bars in `bars`, by histogram and number, and all others.

    As in any cell nothing is kept that is 0.
    """

    __slots__ = ("_ranked", "bars")

    def __init__(self, cells: Iterable[Mapping[str, int]] = ()) -> None:
        """The sum of cells."""
        super().__init__()
        self.bars: dict[str, dict[int, int]] = {}
        self._ranked: dict[str, Ranks] = {}
        for counters in cells:
            marked = [name for name in counters if MARK in name]
            plain = {n: v for n, v in counters.items() if MARK not in n} if marked else counters
            if self:
                add(self, plain)
            else:
                self.update(plain)
            for name in marked:
                histogram, _, number = name.partition(MARK)
                add(self.bars.setdefault(histogram, {}), {int(number): counters[name]})

    @classmethod
    def of(cls, sums: Collection[Sum]) -> Sum:
        """The sum of sums; of one it is that one."""
        if len(sums) == 1:
            return next(iter(sums))
        total = cls()
        for one in sums:
            total.add(one)
        return total

    def add(self, other: Sum, sign: int = 1) -> None:
        """Add another sum, or with sign -1 take it away."""
        add(self, other, sign)
        if other.bars:
            self._ranked.clear()
            for histogram, bars in other.bars.items():
                add(self.bars.setdefault(histogram, {}), bars, sign)

    def ranks(self, histogram: str) -> Ranks:
        """The bars of a histogram in order; made once, for several ask for them."""
        found = self._ranked.get(histogram)
        if found is None:
            counts = self.bars.get(histogram, {})
            numbers = sorted(counts)
            found = numbers, list(accumulate(map(counts.__getitem__, numbers)))
            self._ranked[histogram] = found
        return found

    def beside(self, prefix: str, other: Sum) -> Sum:
        """This sum, and the bars of another under other names; both must stay as they are."""
        both = self.copy()
        both.bars = self.bars | {prefix + name: bars for name, bars in other.bars.items()}
        return both

    def copy(self) -> Sum:
        """With the same bars, which must stay as they are."""
        other = Sum()
        other.update(self)
        other.bars = self.bars
        return other


def bars(counters: Mapping[str, int], histogram: str) -> Mapping[int, int]:
    """How many there are of each whole number; not to be changed."""
    return _sum(counters).bars.get(histogram, {})


def ranks(counters: Mapping[str, int], histogram: str) -> Ranks:
    """The same in order; not to be changed."""
    return _sum(counters).ranks(histogram)


def _sum(counters: Mapping[str, int]) -> Sum:
    return counters if isinstance(counters, Sum) else Sum((counters,))
