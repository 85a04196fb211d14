"""The 90th percentile of how long cases last, exact: from one count for each whole second.

Nearest rank: the smallest duration with at least 90 % of the cases at or below it.  It is one of
the durations itself, and counts merge by adding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil

from core.cells import Counters, excluded
from core.kpi import Alive, Measure, Reading
from core.moment import SECOND

_LASTED = "s:"
"""Prefix of the counters: whole seconds, and how many cases lasted so long."""


def lasted(since: int, until: int) -> Counters:
    """A case that lasted from one moment to another; one that ends before it began is left out."""
    seconds = (until - since) // SECOND
    return excluded("negative_duration") if seconds < 0 else {f"{_LASTED}{seconds}": 1}


def p90(shown: Callable[[int], str]) -> Measure:
    """A reading of whole seconds and the number of cases; `shown` writes the seconds as value."""

    def measure(counters: Mapping[str, int], _end: int, _alive: Alive) -> Reading:
        counts = sorted(
            (int(name.removeprefix(_LASTED)), count)
            for name, count in counters.items()
            if name.startswith(_LASTED)
        )
        total = sum(count for _, count in counts)
        rank, seen = ceil(total * 9 / 10), 0
        for seconds, count in counts:
            seen += count
            if seen >= rank:
                return Reading(seconds, total, shown(seconds))
        return Reading(0, 0, None)

    return measure
