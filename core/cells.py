"""Cells: the smallest merged numbers, a commutative monoid of named integer counters.

A cell belongs to (kpi, scope type, scope id, start of its base window).  Addition merges shares
of several partitions, subtraction retracts what a case contributed before: order, batching and
partitioning cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

Counters = dict[str, int]
"""Counter name to value; a zero is never stored, so equal cells are equal dictionaries."""

NUMERATOR = "n"
DENOMINATOR = "d"
EXCLUDED = "x:"
"""Prefix of the counters of excluded cases, by reason (convention C9)."""


class CellKey(NamedTuple):
    """Where a cell belongs."""

    kpi: str
    scope_type: str
    scope_id: str
    start: int


class Share(NamedTuple):
    """What one subject (case, camera, cluster) adds to its cells at one instant."""

    at: int
    counters: Mapping[str, int]


def add(into: Counters, counters: Mapping[str, int], sign: int = 1) -> None:
    """Add (or with sign -1 retract) in place, dropping zeros."""
    for name, value in counters.items():
        total = into.get(name, 0) + sign * value
        if total:
            into[name] = total
        else:
            into.pop(name, None)


def merged(parts: Iterable[Mapping[str, int]]) -> Counters:
    """The sum of several cells."""
    total: Counters = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, 0) + value
    return {name: value for name, value in total.items() if value}


def on_time(hit: bool) -> Counters:
    """One case in the cohort, on time or not."""
    return {NUMERATOR: 1, DENOMINATOR: 1} if hit else {DENOMINATOR: 1}


def excluded(reason: str) -> Counters:
    """One case left out, with its reason."""
    return {EXCLUDED + reason: 1}
