"""Histograms among the counters of a cell: how many cases there were of each whole number.

A bar is a counter named `<histogram>#<whole number>`; like every other it is added and taken away.
The sum of a window keeps its bars apart, by number: it holds thousands of them, is read by several
(value, median, left out), and is moved on by one cell at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.cells import add

MARK = "#"


def bar(histogram: str, number: int) -> str:
    """Name of the counter of a whole number."""
    return f"{histogram}{MARK}{number}"


class Sum(dict[str, int]):
    """Merged counters of a window: the bars in `bars`, by histogram and number, and all others.

    As in any cell nothing is kept that is 0.
    """

    __slots__ = ("bars",)

    def __init__(self, cells: Iterable[Mapping[str, int]] = ()) -> None:
        """The sum of cells."""
        super().__init__()
        self.bars: dict[str, dict[int, int]] = {}
        for counters in cells:
            self.add(counters)

    def add(self, counters: Mapping[str, int], sign: int = 1) -> None:
        """Add a cell, or with sign -1 take it away."""
        for name, value in counters.items():
            if MARK in name:
                histogram, _, number = name.partition(MARK)
                add(self.bars.setdefault(histogram, {}), {int(number): value}, sign)
            elif total := self.get(name, 0) + sign * value:
                self[name] = total
            else:
                self.pop(name, None)

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
    made = counters if isinstance(counters, Sum) else Sum((counters,))
    return made.bars.get(histogram, {})
