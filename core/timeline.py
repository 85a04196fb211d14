"""What there is at some instants, found by time; each is made into what is summed, once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

Told = TypeVar("Told")
Made = TypeVar("Made")


class Timeline(Generic[Told, Made]):
    """The items of a mapping by start, which must stay as they are meanwhile."""

    __slots__ = ("_at", "_made", "_make", "_size", "_starts")

    def __init__(self, at: Mapping[int, Told], size: int, make: Callable[[Told], Made]) -> None:
        """Starts are `size` microseconds apart, or a multiple of it."""
        self._at = at
        self._size = size
        self._make = make
        self._made: dict[int, Made] = {}
        self._starts: list[int] | None = None

    def between(self, start: int, until: int) -> list[Made]:
        """What starts in [start, until), in order; not to be changed."""
        if until - start == self._size:
            return [self._item(start)] if start in self._at else []
        starts = self._starts
        if starts is None:
            starts = self._starts = sorted(self._at)
        first, last = bisect_left(starts, start), bisect_left(starts, until)
        return [self._item(one) for one in starts[first:last]]

    def _item(self, start: int) -> Made:
        made = self._made.get(start)
        if made is None:
            made = self._made[start] = self._make(self._at[start])
        return made
