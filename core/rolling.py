"""Sums of cells over windows that roll: what enters is added, what leaves is taken away.

Cells are a commutative group of integer counters, so a sum that was moved on is equal to one that
is made anew; it only costs the cells at its two ends and not all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from core.cells import add
from core.window import Span

Name = TypeVar("Name")
"""Of what is summed: the name of a counter."""


class Rolling(Generic[Name]):
    """The sum over one window after the other; none of the cells may change meanwhile."""

    __slots__ = ("_between", "_span", "_sum")

    def __init__(self, between: Callable[[int, int], Iterable[Mapping[Name, int]]]) -> None:
        """`between` gives what starts in [from, until): cells of one KPI and scope, in no order."""
        self._between = between
        self._span: Span = (0, 0)
        self._sum: dict[Name, int] = {}

    def over(self, span: Span) -> dict[Name, int]:
        """The sum over a window, good until the next one is asked for; not to be changed."""
        start, end = self._span
        if start <= span[0] <= end <= span[1]:
            self._add(end, span[1])
            self._add(start, span[0], -1)
        else:
            self._sum = {}
            self._add(*span)
        self._span = span
        return self._sum

    def _add(self, start: int, until: int, sign: int = 1) -> None:
        if start < until:
            for counters in self._between(start, until):
                add(self._sum, counters, sign)
