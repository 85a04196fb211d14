"""Pieces of land, so that what lies near is found without measuring every distance.

Hexagons of H3.  Those of this resolution have edges of more than 300 m everywhere (a test measures
them), and between a hexagon and what is not one of its neighbours lies at least the length of an
edge.  So what is within the reach of any class (`FARTHEST_M`) is in the hexagon or beside it.
"""

from __future__ import annotations

from functools import lru_cache

import h3

from core.matter_tables import FARTHEST_M

__all__ = ["FARTHEST_M", "RESOLUTION", "Place", "around", "hexagon"]

Place = tuple[float, float]
RESOLUTION = 8
"""Edges of about 530 m."""


@lru_cache(maxsize=65_536)
def hexagon(place: Place) -> str:
    """The piece in which a place (latitude, longitude) lies."""
    return str(h3.latlng_to_cell(*place, RESOLUTION))


@lru_cache(maxsize=65_536)
def around(cell: str) -> tuple[str, ...]:
    """The piece and its neighbours: all that is within `FARTHEST_M` of any place in it."""
    return tuple(sorted(map(str, h3.grid_disk(cell, 1))))
