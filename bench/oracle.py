"""What the fold job must come to: a loop and a dictionary, sharing no code with the backbone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.detections import Minute

Cell = tuple[int, str, str]
"""Minute since 1970, camera, label."""
Totals = tuple[int, int, float]
"""Sum of counts, events, greatest confidence."""


def cells(stream: Iterable[Minute]) -> dict[Cell, Totals]:
    """Every cell of the stream."""
    found: dict[Cell, Totals] = {}
    for minute in stream:
        for at, camera, label, count, confidence in minute.rows():
            cell = (at // 60_000_000, camera, label)
            total, events, best = found.get(cell, (0, 0, 0.0))
            found[cell] = (total + count, events + 1, max(best, confidence))
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """How published cells compare with the oracle's."""

    cells: int
    missing: int
    different: int
    invented: int

    @property
    def exact(self) -> bool:
        """Every cell is there, right, and there is no other."""
        return not (self.missing or self.different or self.invented)

    def __str__(self) -> str:
        """For people; a wrong result cannot be overlooked."""
        if self.exact:
            return "exact"
        return f"WRONG: {self.missing} missing, {self.different} off, {self.invented} invented"


def judge(expected: Mapping[Cell, Totals], found: Mapping[Cell, Totals]) -> Verdict:
    """Compare cell by cell."""
    return Verdict(
        cells=len(expected),
        missing=len(expected.keys() - found.keys()),
        different=sum(found[cell] != expected[cell] for cell in expected.keys() & found.keys()),
        invented=len(found.keys() - expected.keys()),
    )
