"""What the fold job must come to: a loop and a dictionary, sharing no code with the backbone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.detections import Minute

Cell = tuple[int, str, str]
"""Minute since 1970, camera, label."""
Totals = tuple[int, int, float]
"""Sum of counts, events, greatest confidence."""


LEAST_CONFIDENCE = 0.1
"""An event that is less sure is rejected: counted, and in no cell."""


def cells(stream: Iterable[Minute]) -> tuple[dict[Cell, Totals], int]:
    """Every cell of the stream, and how many of its events are rejected."""
    found: dict[Cell, Totals] = {}
    rejected = 0
    for minute in stream:
        for at, camera, label, count, confidence in minute.rows():
            if confidence < LEAST_CONFIDENCE:
                rejected += 1
                continue
            cell = (at // 60_000_000, camera, label)
            total, events, best = found.get(cell, (0, 0, 0.0))
            found[cell] = (total + count, events + 1, max(best, confidence))
    return found, rejected


@dataclass(frozen=True, slots=True)
class Verdict:
    """How published cells compare with the oracle's, and the number of rejects."""

    cells: int
    missing: int
    different: int
    invented: int
    rejected: int = 0
    rejected_expected: int = 0

    @property
    def exact(self) -> bool:
        """Every cell is there, right, there is no other, and the rejects are as many."""
        wrong = self.missing or self.different or self.invented
        return not wrong and self.rejected == self.rejected_expected

    def __str__(self) -> str:
        """For people; a wrong result cannot be overlooked."""
        if self.exact:
            return "exact"
        told = f"WRONG: {self.missing} missing, {self.different} off, {self.invented} invented"
        if self.rejected != self.rejected_expected:
            told += f", {self.rejected:,} rejected instead of {self.rejected_expected:,}"
        return told


def judge(
    expected: tuple[Mapping[Cell, Totals], int], found: tuple[Mapping[Cell, Totals], int]
) -> Verdict:
    """Compare cell by cell, and the rejects."""
    (right, rejected_expected), (told, rejected) = expected, found
    return Verdict(
        cells=len(right),
        missing=len(right.keys() - told.keys()),
        different=sum(told[cell] != right[cell] for cell in right.keys() & told.keys()),
        invented=len(told.keys() - right.keys()),
        rejected=rejected,
        rejected_expected=rejected_expected,
    )
