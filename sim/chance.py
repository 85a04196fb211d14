"""Seeded chance: draws that the story needs, each a whole number of milliseconds or a choice."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TypeVar

from core import moment

MILLISECOND = 1000
T = TypeVar("T")


class Chance:
    """A deterministic source of draws; streams of different names do not disturb each other."""

    def __init__(self, seed: int, stream: str) -> None:
        """The stream `stream` of the story `seed`."""
        self._random = Random(f"{seed}/{stream}")

    def between(self, low: int, high: int) -> int:
        """A moment or duration from `low` up to `high`, whole milliseconds."""
        return self._random.randrange(low, max(high, low + 1)) // MILLISECOND * MILLISECOND

    def micros(self, low: int, high: int) -> int:
        """The same in microseconds."""
        return self._random.randrange(low, max(high, low + 1))

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(low, high)

    def real(self, low: float, high: float) -> float:
        """A number between two others."""
        return self._random.uniform(low, high)

    def happens(self, share: float) -> bool:
        """True in `share` of the draws."""
        return self._random.random() < share

    def of(self, weights: Mapping[str, int]) -> str:
        """One of the keys, as likely as its weight."""
        return self._random.choices(tuple(weights), tuple(weights.values()))[0]

    def one(self, among: tuple[T, ...]) -> T:
        """One of several."""
        return among[self._random.randrange(len(among))]

    def digits(self, count: int) -> str:
        """So many decimal digits."""
        return "".join(str(self._random.randrange(10)) for _ in range(count))

    def busy_hour(self, day_start: int) -> int:
        """A moment of the day that starts at `day_start`, mostly between 6 and 22 o'clock."""
        hour = self._random.triangular(0, 24, 11) if self.happens(0.1) else self.real(6, 22)
        return day_start + int(hour * moment.HOUR) // MILLISECOND * MILLISECOND
