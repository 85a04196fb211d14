"""Cells: the smallest merged numbers, a commutative monoid of named integer counters.

A cell belongs to (kpi, scope type, scope id, start of its base window).  Addition merges shares
of several partitions, subtraction retracts what a case contributed before: order, batching and
partitioning cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import msgspec

Counters = dict[str, int]
"""Counter name to value; a zero is never stored, so equal cells are equal dictionaries."""

NUMERATOR = "n"
DENOMINATOR = "d"
MEMBER = "k:"
"""Prefix of the counters of a set: the key of a member, and how often it was put in."""
EXCLUDED = "x:"
"""Prefix of the counters of excluded cases, by reason (convention C9)."""
BESIDE = "~"
"""Prefix of counters that only companions read: they make nobody a contributor."""
BEFORE = "<"
"""Put before the name of a counter that was carried over from before the window."""
SINCE, UNTIL = "since", "until"
"""Start and end of the window in seconds, told with what is carried over."""
UNSETTLED = "?"
"""Counter of cases that belong into this window or a later one: no calendar knows which."""


Name = TypeVar("Name")


class CellKey(NamedTuple):
    """Where a cell belongs."""

    kpi: str
    scope_type: str
    scope_id: str
    start: int


_NO_SCOPES: Mapping[str, str] = MappingProxyType({})


class Share(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What one subject (case, camera, cluster) adds to its cells at one instant.

    `scopes` are those that differ from the subject's own at that instant; with `city_only` it
    counts for no scope below the city.
    """

    at: int
    counters: Mapping[str, int]
    scopes: Mapping[str, str] = _NO_SCOPES
    city_only: bool = False


def add(into: dict[Name, int], counters: Mapping[Name, int], sign: int = 1) -> None:
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


def member(key: str) -> Counters:
    """One member of a set; a set is merged by adding, and its size is `members`."""
    return {MEMBER + key: 1}


def members(counters: Mapping[str, int]) -> int:
    """How many different members a merged set has."""
    return sum(name.startswith(MEMBER) for name in counters)


def unsettled() -> Counters:
    """One case of which no calendar tells when it falls due."""
    return {UNSETTLED: 1}


def excluded(reason: str) -> Counters:
    """One case left out, with its reason."""
    return {EXCLUDED + reason: 1}
