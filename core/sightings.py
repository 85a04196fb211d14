"""What cameras saw of one class, to be found by camera and time without looking at all of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from core.triangulation import Claim


class Sightings:
    """Sightings by camera, sorted by time."""

    def __init__(self, sightings: Iterable[Claim]) -> None:
        """Of one class; what a person said does not belong here."""
        self._of: dict[str, list[Claim]] = {}
        self._all = sorted(sightings, key=_when)
        for sighting in self._all:
            self._of.setdefault(sighting.camera, []).append(sighting)

    def of(self, camera: str, start: int, end: int) -> list[Claim]:
        """Those of one camera in [start, end]."""
        return _between(self._of.get(camera, []), start, end)

    def within(self, start: int, end: int) -> list[Claim]:
        """Those of all cameras in [start, end]."""
        return _between(self._all, start, end)


def _between(found: list[Claim], start: int, end: int) -> list[Claim]:
    return found[bisect_left(found, start, key=_when) : bisect_right(found, end, key=_when)]


def _when(claim: Claim) -> int:
    return claim.at
