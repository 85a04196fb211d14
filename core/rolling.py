"""Sums of cells over windows that roll: what enters is added, what leaves is taken away.

Cells are a commutative group of integer counters, so a sum that was moved on is equal to one that
is made anew; it only costs the cells at its two ends and not all of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from core.timeline import Timeline
from core.window import Span


class Total(Protocol):
    """What sums cells."""

    def add(self, other: Any, /, sign: int = 1) -> None:
        """Add a cell, or with sign -1 take it away."""


Kept = TypeVar("Kept", bound=Total)


class Rolling(Generic[Kept]):
    """The sum over one window after the other; none of the cells may change meanwhile."""

    __slots__ = ("_empty", "_first", "_next", "_span", "_sum", "_timeline")

    def __init__(self, empty: Callable[[], Kept], timeline: Timeline[Any, Any]) -> None:
        """Cells of one KPI and scope, which are added to `empty()`."""
        self._empty = empty
        self._timeline = timeline
        self._span: Span = (0, 0)
        self._sum = empty()
        self._first = self._next = 0
        """Which of the starts are in the sum."""

    def over(self, span: Span) -> Kept:
        """The sum over a window, good until the next one is asked for; not to be changed."""
        starts = self._timeline.starts
        start, end = self._span
        if not start <= span[0] <= end <= span[1]:
            self._sum = self._empty()
            self._first = self._next = bisect_left(starts, span[0])
        self._span = span
        while self._next < len(starts) and starts[self._next] < span[1]:
            self._sum.add(self._timeline.item(starts[self._next]))
            self._next += 1
        while self._first < self._next and starts[self._first] < span[0]:
            self._sum.add(self._timeline.item(starts[self._first]), -1)
            self._first += 1
        return self._sum
