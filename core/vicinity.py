"""What lies near what: reports and sightings by class and piece of land, and which pieces changed.

What can contradict a closure lies in its hexagon (`core.land`) or in one of those around it, and a
new report costs the work of seven hexagons and not of a city.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from core import land
from core.closures import Closure, Report, contradictions
from core.filings import Voice
from core.law import SHIPPED, Law
from core.triangulation import Claim, of_law
from core.twins import Twins


class Piece(NamedTuple):
    """A class and a hexagon; what has no place is far from everything, and a piece of its own."""

    matter: str
    hexagon: str
    name: str = ""

    def around(self) -> Iterator[Piece]:
        """It and its neighbours."""
        if not self.hexagon:
            yield self
            return
        for near in land.around(self.hexagon):
            yield Piece(self.matter, near)


@dataclass
class Vicinity:
    """Reports and sightings of one join partition; a report that is a copy contradicts nothing."""

    law: Law = SHIPPED
    twins: Twins = field(default_factory=Twins)
    _reports: dict[Piece, dict[str, Report]] = field(default_factory=dict)
    _sightings: dict[Piece, dict[str, Claim]] = field(default_factory=dict)
    _touched: set[Piece] = field(default_factory=set)

    def put(self, name: str, item: object) -> None:
        """Add a report, voice or claim; claims that no camera made do not matter here."""
        if isinstance(item, Report):
            piece = _piece(item.matter, item.place, name)
            self._reports.setdefault(piece, {})[name] = item
        elif isinstance(item, Claim) and item.family == "sensor":
            piece = _piece(item.incident, item.place, name)
            self._sightings.setdefault(piece, {})[name] = item
        elif isinstance(item, Voice):
            self._touched.update(map(_spoken, self.twins.put(name, item)))
            return
        else:
            return
        self._touched.add(piece)

    def drop(self, name: str, item: object) -> None:
        """Take out what was put in."""
        if isinstance(item, Report):
            piece = _piece(item.matter, item.place, name)
            del self._reports[piece][name]
        elif isinstance(item, Claim) and item.family == "sensor":
            piece = _piece(item.incident, item.place, name)
            del self._sightings[piece][name]
            if not self._sightings[piece]:
                del self._sightings[piece]
        elif isinstance(item, Voice):
            self._touched.update(map(_spoken, self.twins.drop(name, item)))
            return
        else:
            return
        self._touched.add(piece)

    def enact(self, law: Law) -> None:
        """Another version of the classes judges all."""
        self.law = law
        self._touched.update(self._reports)

    def changed(self) -> Iterator[tuple[Piece, list[Closure]]]:
        """Each piece whose closures may be others than at the last call, with all of them."""
        around = {near for touched in self._touched for near in touched.around()}
        for piece in sorted(around):
            if piece in self._reports:
                yield piece, self._closures(piece)
                if not self._reports[piece]:
                    del self._reports[piece]
        self._touched.clear()

    def _closures(self, piece: Piece) -> list[Closure]:
        reports = sorted(
            (r for near in piece.around() for r in self._told(near).values()),
            key=lambda report: report.filed_at,
        )
        sightings = sorted(
            (s for near in piece.around()
             for s in of_law(self._sightings.get(near, {}), self.law).values()),
            key=lambda seen: seen.at,
        )  # fmt: skip
        return [
            Closure(report, contradictions(report, reports, sightings, self.law))
            for _, report in sorted(self._told(piece).items())
            if report.resolved
        ]

    def _told(self, piece: Piece) -> dict[str, Report]:
        reports = self._reports.get(piece, {})
        if reports and (twice := self.twins.reports(piece.matter)):
            return {n: r.as_copy() if n in twice else r for n, r in reports.items()}
        return reports


def _spoken(voice: Voice) -> Piece:
    """Where its report is."""
    return _piece(voice.matter, (voice.lat, voice.lon), voice.case_id)


def _piece(matter: str, place: land.Place | None, name: str) -> Piece:
    return Piece(matter, "", name) if place is None else Piece(matter, land.hexagon(place))
