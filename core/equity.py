"""Gap between kecamatan in on-time handling, standardised to the city's mix of categories.

Direct standardisation (catalogue KPI 21): the on-time share of each kecamatan by category, weighted
with the category's share of the city's cases; categories that a kecamatan does not have are left
out of its weights.  Exact fractions until the last step.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from core.cells import Counters
from core.reference import RANKED_CASES

_ALL, _GOOD = "a|", "g|"


class Gap(NamedTuple):
    """The gap as a share of 1, None with fewer than two comparable places; how many there are.

    `cases` are those of the city, compared or not.
    """

    share: Fraction | None
    places: int
    cases: int


def of_case(place: str, category: str, *, good: bool) -> Counters:
    """What one case adds: itself, and itself once more if it was in time."""
    name = f"{place}|{category}"
    return {_ALL + name: 1, _GOOD + name: 1} if good else {_ALL + name: 1}


def gap(counters: Mapping[str, int]) -> Gap:
    """Largest minus smallest standardised share of the places with enough cases."""
    cases: dict[str, dict[str, int]] = {}
    city: dict[str, int] = {}
    for name, count in counters.items():
        if name.startswith(_ALL):
            place, category = name.removeprefix(_ALL).split("|", 1)
            cases.setdefault(place, {})[category] = count
            city[category] = city.get(category, 0) + count
    shares = []
    for place, mix in cases.items():
        if sum(mix.values()) >= RANKED_CASES:
            weight = sum(city[category] for category in mix)
            parts = (
                Fraction(city[c] * counters.get(f"{_GOOD}{place}|{c}", 0), n)
                for c, n in mix.items()
            )
            shares.append(sum(parts, Fraction(0)) / weight)
    share = max(shares) - min(shares) if len(shares) > 1 else None
    return Gap(share, len(shares), sum(city.values()))
