"""Sums of cells over windows that roll: what enters is added, what leaves is taken away.

Cells are a commutative group of integer counters, so a sum that was moved on is equal to one that
is made anew; it only costs the cells at its two ends and not all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from core.window import Span


class Total(Protocol):
    """What sums cells."""

    def add(self, other: Any, /, sign: int = 1) -> None:
        """Add a cell, or with sign -1 take it away."""


Kept = TypeVar("Kept", bound=Total)


class Rolling(Generic[Kept]):
    """The sum over one window after the other; none of the cells may change meanwhile."""

    __slots__ = ("_between", "_empty", "_span", "_sum")

    def __init__(
        self,
        empty: Callable[[], Kept],
        between: Callable[[int, int], Iterable[Any]],
    ) -> None:
        """`between` gives what starts in [from, until): cells of one KPI and scope, in no order.

        They are added to `empty()`.
        """
        self._empty = empty
        self._between = between
        self._span: Span = (0, 0)
        self._sum = empty()

    def over(self, span: Span) -> Kept:
        """The sum over a window, good until the next one is asked for; not to be changed."""
        start, end = self._span
        if start <= span[0] <= end <= span[1]:
            self._add(end, span[1])
            self._add(start, span[0], -1)
        else:
            self._sum = self._empty()
            self._add(*span)
        self._span = span
        return self._sum

    def _add(self, start: int, until: int, sign: int = 1) -> None:
        if start < until:
            for counters in self._between(start, until):
                self._sum.add(counters, sign)
