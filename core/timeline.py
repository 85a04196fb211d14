"""What there is at some instants, found by time; each is made into what is summed, once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from propcache.api import cached_property

Told = TypeVar("Told")
Made = TypeVar("Made")


class Timeline(Generic[Told, Made]):
    """The items of a mapping by start, which must stay as they are meanwhile."""

    def __init__(self, at: Mapping[int, Told], size: int, make: Callable[[Told], Made]) -> None:
        """Starts are `size` microseconds apart, or a multiple of it."""
        self._at = at
        self._size = size
        self._make = make
        self._made: dict[int, Made] = {}

    @cached_property
    def starts(self) -> list[int]:
        """All, in order."""
        return sorted(self._at)

    def between(self, start: int, until: int) -> list[Made]:
        """What starts in [start, until), in order; not to be changed."""
        if until - start == self._size:
            return [self.item(start)] if start in self._at else []
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, until)
        return [self.item(one) for one in self.starts[first:last]]

    def item(self, start: int) -> Made:
        """What there is at one of the starts; not to be changed."""
        made = self._made.get(start)
        if made is None:
            made = self._made[start] = self._make(self._at[start])
        return made
