"""Percentiles of how long cases last, exact: from one count for each whole second.

Nearest rank: the smallest duration with at least that share of the cases at or below it.  It is
one of the durations itself, and counts merge by adding.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping

from core import reference
from core.cells import BESIDE, Counters, excluded
from core.companion import Read
from core.histogram import MARK, bar, ranks
from core.kpi import Measure, Reading
from core.moment import SECOND

_LASTED = "s"
"""The histogram: whole seconds, and how many cases lasted so long."""


def lasted(since: int, until: int) -> Counters:
    """A case that lasted from one moment to another; one that ends before it began is left out."""
    seconds = (until - since) // SECOND
    return excluded("negative_duration") if seconds < 0 else {bar(_LASTED, seconds): 1}


def difference(microseconds: int) -> Counters:
    """A difference that may be below 0, in whole seconds rounded down."""
    return {bar(_LASTED, microseconds // SECOND): 1}


def p90(shown: Callable[[int], str]) -> Measure:
    """A reading of whole seconds and the number of cases; `shown` writes the seconds as value."""

    def measure(counters: Mapping[str, int], _end: int) -> Reading:
        seconds, total = _percentile(counters, 90)
        return Reading(seconds or 0, total, None if seconds is None else shown(seconds))

    return measure


def median(shown: Callable[[int], str]) -> Read:
    """The median, beside whatever the KPI measures; None without a case."""

    def read(counters: Mapping[str, int]) -> str | None:
        seconds, _ = _percentile(counters, 50)
        return None if seconds is None else shown(seconds)

    return read


def apart(group: str, counters: Mapping[str, int]) -> Counters:
    """How long the cases of a group lasted, to be counted beside all of them."""
    own, its = (f"{histogram}{MARK}" for histogram in (_LASTED, _apart(group)))
    told = ((name, value) for name, value in counters.items() if name.startswith(own))
    return {its + name.removeprefix(own): value for name, value in told}


def p90_of(group: str, shown: Callable[[int], str]) -> Read:
    """The P90 of a group; None with fewer cases than are published below the city (C7)."""

    def read(counters: Mapping[str, int]) -> str | None:
        seconds, total = _percentile(counters, 90, _apart(group))
        return None if seconds is None or total < reference.MINIMUM_CASES else shown(seconds)

    return read


def _apart(group: str) -> str:
    return f"{BESIDE}{group}:{_LASTED}"


def _percentile(
    counters: Mapping[str, int], share: int, histogram: str = _LASTED
) -> tuple[int | None, int]:
    """(seconds, number of cases) of `share` percent; no seconds without cases."""
    numbers, up_to = ranks(counters, histogram)
    if not numbers:
        return None, 0
    total = up_to[-1]
    return numbers[bisect_left(up_to, -(-total * share // 100))], total
