"""What lies near what: reports and sightings by class and square, and which squares changed.

A square is larger than the reach of any class, so what can contradict a closure lies in its square
or in one of the eight around it, and a new report costs the work of nine squares and not of a city.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import floor
from typing import NamedTuple

from core.closures import Closure, Report, contradictions
from core.triangulation import Claim, Place

_PER_DEGREE = 100
"""Squares of 0.01 degrees: 1.1 km, and still the 300 m of a flood at 74 degrees north or south."""
_NOWHERE = 1_000_000


class Square(NamedTuple):
    """A class and a piece of land; what has no place is far from everything."""

    matter: str
    row: int
    column: int

    def around(self) -> Iterator[Square]:
        """The nine squares of which it is the middle."""
        for row in (self.row - 1, self.row, self.row + 1):
            for column in (self.column - 1, self.column, self.column + 1):
                yield Square(self.matter, row, column)


@dataclass
class Vicinity:
    """Reports and sightings of one join partition."""

    _reports: dict[Square, dict[str, Report]] = field(default_factory=dict)
    _sightings: dict[Square, dict[str, Claim]] = field(default_factory=dict)
    _touched: set[Square] = field(default_factory=set)

    def put(self, name: str, item: object) -> None:
        """Add a report or a claim; claims that no camera made do not matter here."""
        if isinstance(item, Report):
            square = _square(item.matter, item.place)
            self._reports.setdefault(square, {})[name] = item
        elif isinstance(item, Claim) and item.family == "sensor":
            square = _square(item.incident, item.place)
            self._sightings.setdefault(square, {})[name] = item
        else:
            return
        self._touched.add(square)

    def drop(self, name: str, item: object) -> None:
        """Take out what was put in."""
        if isinstance(item, Report):
            square = _square(item.matter, item.place)
            del self._reports[square][name]
        elif isinstance(item, Claim) and item.family == "sensor":
            square = _square(item.incident, item.place)
            del self._sightings[square][name]
        else:
            return
        self._touched.add(square)

    def changed(self) -> Iterator[tuple[Square, list[Closure]]]:
        """Each square whose closures may be others than at the last call, with all of them."""
        around = {near for touched in self._touched for near in touched.around()}
        for square in sorted(around):
            if square in self._reports:
                yield square, self._closures(square)
        self._touched.clear()

    def _closures(self, square: Square) -> list[Closure]:
        reports = sorted(
            (r for near in square.around() for r in self._reports.get(near, {}).values()),
            key=lambda report: report.filed_at,
        )
        sightings = sorted(
            (s for near in square.around() for s in self._sightings.get(near, {}).values()),
            key=lambda seen: seen.at,
        )
        return [
            Closure(report, contradictions(report, reports, sightings))
            for _, report in sorted(self._reports[square].items())
            if report.resolved
        ]


def _square(matter: str, place: Place | None) -> Square:
    if place is None:
        return Square(matter, _NOWHERE, _NOWHERE)
    return Square(matter, floor(place[0] * _PER_DEGREE), floor(place[1] * _PER_DEGREE))
