"""Storms of alerts: what was raised at one place at one time is answered once.

Rules: KPI 26 of the catalogue.  In order of time, an alert that at most 60 seconds before it and
150 m from it another one opened a storm belongs to that storm, to the earliest if there are
several; else it opens one.  A storm was raised with the alert that opened it and is answered when
the first of its alerts is.  What is left out and what has no place is a storm of its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from propcache.api import cached_property

from core import land
from core.alerts import LONGEST_WAIT, Severe
from core.kpi import Subject
from core.moment import HOUR, SECOND, wib_day_start
from core.triangulation import distance_m

WITHIN = 60 * SECOND
METRES = 150.0
"""Catalogue KPI 26; no farther than `core.land` finds what is near."""
SHIFTS = ("night", "day", "evening")
"""Of eight hours each, from midnight WIB: 00-08, 08-16, 16-24 (project choice)."""

STORM = Subject("storm")
"""The join makes it of the alerts that must be answered."""


@dataclass(frozen=True)
class Storm:
    """Alerts that share one answer, the one that opened it first.

    It counts for the city once and once in the category of each class that it has; `scopes` are
    those of its first class (`faces`).
    """

    alerts: tuple[Severe, ...]
    scopes: Mapping[str, str]

    @classmethod
    def of(cls, alerts: Iterable[Severe]) -> Storm:
        """The storm of these alerts, in order."""
        own = tuple(alerts)
        return cls(own, {"city": "city", "category": own[0].alert_class})

    @property
    def faces(self) -> list[Storm]:
        """It, and as it looks in the categories of its other classes."""
        classes = {one.alert_class for one in self.alerts} - {self.scopes["category"]}
        return [self, *(Storm(self.alerts, {"category": name}) for name in sorted(classes))]

    @property
    def name(self) -> str:
        """Which alerts it is made of."""
        return "+".join(one.case_id for one in self.alerts)

    @property
    def left_out(self) -> str | None:
        """Why it does not count; None when it does (C9)."""
        return self.alerts[0].left_out

    @property
    def raised_at(self) -> int:
        """When the alert that opened it was raised."""
        return self.alerts[0].raised_at

    @property
    def shift(self) -> str:
        """The shift that was on duty when it was opened."""
        return SHIFTS[(self.raised_at - wib_day_start(self.raised_at)) // (8 * HOUR)]

    @property
    def settled_at(self) -> int:
        """From this instant on its time cannot change."""
        return self.raised_at + LONGEST_WAIT

    @property
    def answered_at(self) -> int:
        """When an operator first took it on; at the latest the end of the longest wait."""
        at = self._acknowledged_at
        return self.settled_at if at is None else min(at, self.settled_at)

    @property
    def answered(self) -> bool:
        """Whether an operator took it on before the longest wait was over, or just then."""
        at = self._acknowledged_at
        return at is not None and at <= self.settled_at

    @cached_property
    def _acknowledged_at(self) -> int | None:
        told = [one.acknowledged_at for one in self.alerts if one.acknowledged_at is not None]
        return min(told, default=None)


def storms(alerts: Iterable[Severe]) -> list[Storm]:
    """All storms of these alerts, in order of time.

    Whether an alert opens a storm depends on earlier ones alone: what comes later in time adds to
    storms and opens others, and changes nothing else.
    """
    found: list[list[Severe]] = []
    recent: deque[list[Severe]] = deque()
    for one in sorted(alerts, key=_order):
        while recent and one.raised_at - recent[0][0].raised_at > WITHIN:
            recent.popleft()
        own = next((storm for storm in recent if _belongs(one, storm[0])), None)
        if own is None:
            own = []
            found.append(own)
            recent.append(own)
        own.append(one)
    return [Storm.of(own) for own in found]


@dataclass
class Sky:
    """The alerts of one join partition, and which storms may be others than they were.

    Alerts that follow each other within the reach of a storm are looked at together: what one of
    them does cannot pass a gap.
    """

    _alerts: dict[str, Severe] = field(default_factory=dict)
    _there: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By piece of land what was raised there, in order of time."""
    _touched: set[str] = field(default_factory=set)

    def put(self, name: str, item: object) -> None:
        """Add an alert; nothing else matters here."""
        if isinstance(item, Severe):
            self._alerts[name] = item
            if item.place is not None:
                insort(self._there.setdefault(land.hexagon(item.place), []), _at(name, item))
            self._touched.add(name)

    def drop(self, name: str, item: object) -> None:
        """Take out what was put in."""
        if isinstance(item, Severe):
            self._touched |= {name, *self._near(item)}
            del self._alerts[name]
            if item.place is not None:
                home = land.hexagon(item.place)
                self._there[home].remove(_at(name, item))
                if not self._there[home]:
                    del self._there[home]

    def changed(self) -> Iterator[tuple[str, list[Storm]]]:
        """The names of alerts that may count otherwise than at the last call, each with the storm
        that it opened, in all categories that it is in; without one if it opened none."""
        for together in self.linked(self._touched):
            found = storms(self._alerts[name] for name in together)
            opened = {one.alerts[0].case_id: one for one in found}
            for name in together:
                storm = opened.get(name)
                yield name, storm.faces if storm else []
        yield from ((name, []) for name in sorted(self._touched - self._alerts.keys()))
        self._touched.clear()

    def linked(self, names: Collection[str]) -> Iterator[list[str]]:
        """Each set of alerts that follow each other in time and place, of those named."""
        seen = set[str]()
        for name in sorted(self._alerts.keys() & names):
            if name in seen:
                continue
            together, waiting = {name}, [name]
            while waiting:
                new = set(self._near(self._alerts[waiting.pop()])) - together
                together |= new
                waiting += new
            seen |= together
            yield sorted(together)

    def _near(self, one: Severe) -> Iterator[str]:
        if one.place is None:
            return
        for piece in land.around(land.hexagon(one.place)):
            there = self._there.get(piece, [])
            first = bisect_left(there, (one.raised_at - WITHIN, ""))
            for _, name in there[first : bisect_right(there, one.raised_at + WITHIN, key=_first)]:
                if _is_near(one, self._alerts[name]):
                    yield name


def _belongs(one: Severe, opener: Severe) -> bool:
    return not one.left_out and not opener.left_out and _is_near(one, opener)


def _is_near(one: Severe, other: Severe) -> bool:
    if one.place is None or other.place is None:
        return False
    return distance_m(one.place, other.place) <= METRES


def _order(one: Severe) -> tuple[int, str]:
    return one.raised_at, one.case_id


def _at(name: str, one: Severe) -> tuple[int, str]:
    return one.raised_at, name


def _first(item: tuple[int, str]) -> int:
    return item[0]
