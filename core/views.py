"""What a camera can see: its field of view and the classes its analytics tell.

Rules: eligibility of catalogue KPI 29.  What is not known of a camera it did not see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

Place = tuple[float, float]
Ring = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What one camera looks at; rings are closed, places (latitude, longitude) in degrees."""

    camera_id: str
    intersection: str
    rings: tuple[Ring, ...]
    analytics: frozenset[str]
    box: tuple[Place, Place]
    """South-west and north-east corner around it."""

    @classmethod
    def from_json(cls, camera_id: str, told: Mapping[str, Any]) -> View | None:
        """Of the statement about a camera; None when no field of view is known."""
        rings = polygon(told.get("fov") or "")
        if not rings:
            return None
        classes = frozenset(str(told.get("analytics") or "").split())
        lats, lons = zip(*rings[0], strict=True)
        box = ((min(lats), min(lons)), (max(lats), max(lons)))
        return cls(camera_id, str(told.get("intersection")), rings, classes, box)

    def shows(self, incident: str, place: Place) -> bool:
        """Its analytics tell of the class, and the place is inside (even-odd rule, exact)."""
        if incident not in self.analytics:
            return False
        (south, west), (north, east) = self.box
        near = south <= place[0] <= north and west <= place[1] <= east
        return near and _inside(place, self.rings)


def polygon(text: str) -> tuple[Ring, ...]:
    """Rings of a GeoJSON Polygon (RFC 7946: outer first, then holes); empty for anything else."""
    try:
        shape = json.loads(text)
        if shape["type"] != "Polygon":
            return ()
        rings = tuple(
            tuple((_degrees(position[1]), _degrees(position[0])) for position in ring)
            for ring in shape["coordinates"]
        )
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError):
        return ()
    return rings if all(len(ring) >= 4 and ring[0] == ring[-1] for ring in rings) else ()


def _degrees(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -180 <= value <= 180:
        message = f"no degrees: {value!r}"
        raise ValueError(message)
    return float(value)


def _inside(place: Place, rings: Sequence[Ring]) -> bool:
    crossings = sum(_crosses(place, a, b) for ring in rings for a, b in pairwise(ring))
    return crossings % 2 == 1


def _crosses(place: Place, a: Place, b: Place) -> bool:
    """Whether the way east from the place crosses the edge; no rounding can decide it."""
    if (a[0] > place[0]) == (b[0] > place[0]):
        return False
    lat, a_lat, a_lon, b_lat, b_lon = (Fraction(n) for n in (place[0], *a, *b))
    return Fraction(place[1]) < a_lon + (lat - a_lat) * (b_lon - a_lon) / (b_lat - a_lat)
