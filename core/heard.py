"""Which sources were heard, and what their silence means.

A quiet city and a dead source are told apart by heartbeats alone (conventions C6 and C9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core import window
from core.kpi import four_decimals
from core.moment import DAY, MINUTE, NEVER, wib_day_start
from core.rows import Status

Completeness = tuple[str, Status | None]
"""Share of the source-units with a heartbeat as decimal text, and what no data means."""


@dataclass
class Heard:
    """Minutes (numbered since 1970) with a heartbeat, by source and WIB day (its midnight)."""

    newly: set[str] = field(default_factory=set)
    """Sources of which the first day is not what it was at the last `close`."""
    _days: dict[str, dict[int, frozenset[int]]] = field(default_factory=dict)
    _first: dict[str, int] = field(default_factory=dict)
    """First day of each source that was ever heard."""
    _complete: dict[tuple[tuple[str, ...], window.Span], Completeness] = field(default_factory=dict)
    """Since the last `close`."""

    def note(self, source: str, day: int, parts: Iterable[Mapping[str, int]]) -> None:
        """All minutes of a day of a source, by the tasks that tell of it."""
        minutes = frozenset(int(minute) for part in parts for minute in part)
        days = self._days.setdefault(source, {})
        days[day] = minutes
        before = self._first.get(source, NEVER)
        first = min(before, day) if minutes else before
        if not minutes and day == before:
            first = min((d for d in days if days[d]), default=NEVER)
        if before != first:
            self._first[source] = first
            self.newly.add(source)

    def days(self, source: str) -> Mapping[int, frozenset[int]]:
        """What was noted and not forgotten."""
        return self._days[source]

    def is_first(self, source: str, day: int) -> bool:
        """Whether it was first heard on that day."""
        return self._first.get(source) == day

    def forget(self, source: str, day: int) -> None:
        """Of a day that nobody asks for any more."""
        del self._days[source][day]

    def close(self) -> None:
        """After a tick: what comes now is news."""
        self.newly.clear()
        self._complete.clear()

    def is_alive(self, source: str, minute: int) -> bool:
        """Whether the source sent a heartbeat in that minute."""
        days = self._days.get(source)
        return days is not None and minute in days.get(wib_day_start(minute * MINUTE), ())

    def completeness(self, sources: tuple[str, ...], span: window.Span) -> Completeness:
        """Of these sources in a window; asked for by many scopes, reckoned once."""
        found = self._complete.get((sources, span))
        if found is None:
            found = self._complete[sources, span] = self._completeness(sources, span)
        return found

    def _completeness(self, sources: tuple[str, ...], span: window.Span) -> Completeness:
        """A unit is a WIB day, or the whole window when that is shorter.

        A source that was never heard of before the window's end is not integrated; one that was
        and is silent is down.
        """
        units = 1 if window.is_short_window(span) else len(window.days(span))
        seen = {source: self._units(source, span) for source in sources}
        total = units * len(seen)
        if total == 0:
            return "1.0000", None
        silence = Status.SOURCE_DOWN if 0 in seen.values() else None
        if not all(self._known_by(source, span[1]) for source in sources):
            silence = Status.NOT_INTEGRATED
        return four_decimals(sum(seen.values()), total), silence

    def _units(self, source: str, span: window.Span) -> int:
        """In how many units of the window it was heard."""
        if window.is_short_window(span):
            minutes = range(span[0] // MINUTE, span[1] // MINUTE)
            return any(self.is_alive(source, minute) for minute in minutes)
        return sum(map(bool, map(self._days.get(source, {}).get, window.days(span))))

    def _known_by(self, source: str, end: int) -> bool:
        """Whether the source had ever been heard of; on its first day its first minute tells."""
        day = self._first.get(source, NEVER)
        return day + DAY <= end or (
            day < end and any(minute * MINUTE < end for minute in self._days[source][day])
        )
