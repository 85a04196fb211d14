"""Snapshots: running totals of steps, read at an instant.

A step is a counter `<name>:<number>`, where the number counts 5-minute instants since 1970; the
total of a name at an instant is the sum of its steps up to and with it.  A name may hold colons.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate

from core.cells import Counters
from core.moment import MINUTE

SNAPSHOT = 5 * MINUTE
"""Distance of two snapshots."""


def step(name: str, at: int) -> tuple[int, str]:
    """First snapshot at or after `at`: its instant and its counter's name."""
    number = -(-at // SNAPSHOT)
    return number * SNAPSHOT, f"{name}:{number}"


class Snapshots:
    """Totals over all steps, made once and read at many instants."""

    def __init__(self, cells: Iterable[Mapping[str, int]]) -> None:
        """`cells` hold the steps in any order."""
        steps: dict[str, dict[int, int]] = {}
        for cell in cells:
            for counter, value in cell.items():
                name, _, number = counter.rpartition(":")
                by_number = steps.setdefault(name, {})
                by_number[int(number)] = by_number.get(int(number), 0) + value
        self._numbers = {name: sorted(found) for name, found in steps.items()}
        self._totals = {
            name: list(accumulate(steps[name][number] for number in numbers))
            for name, numbers in self._numbers.items()
        }

    def at(self, instant: int) -> Counters:
        """Total of each name at the snapshot at or before `instant`; zeros left out."""
        found: Counters = {}
        for name, numbers in self._numbers.items():
            index = bisect_right(numbers, instant // SNAPSHOT)
            if index and self._totals[name][index - 1]:
                found[name] = self._totals[name][index - 1]
        return found
