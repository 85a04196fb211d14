"""Working days of the Indonesian government and the due instants that follow from them.

Convention C2: the day of the start is day 0; the due instant is 23:59:59.999 WIB of the n-th
working day after it.  A year that the calendar does not name is unknown: what falls due in it, or
is counted through it, has no due instant until the decree of that year is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from core.cells import Share, unsettled
from core.moment import DAY, WIB
from core.tables import CalendarTable, shipped

_EPOCH = date(1970, 1, 1)
_LAST_INSTANT = DAY - 1_000
"""23:59:59.999 of a day, in microseconds after its midnight."""


class Due(NamedTuple):
    """The last instant, in microseconds UTC, that is still on time.

    Not `known`: the calendar does not name a year that it needs, and `at` is the earliest instant
    that any decree of that year could make of it.
    """

    at: int
    known: bool = True

    def share(self, counters: Mapping[str, int], scopes: Mapping[str, str] | None = None) -> Share:
        """What a case adds in the window of its due instant; while unknown, that it is unknown."""
        made = counters if self.known else unsettled()
        return Share(self.at, made, scopes) if scopes else Share(self.at, made)


class Calendar:
    """One version of the calendar; equal only to itself, so make it once (`of`)."""

    def __init__(self, table: CalendarTable) -> None:
        """Of a table without a flaw."""
        self.table = table
        self.version = table.version
        self.years = frozenset(int(year) for year in table.non_working)
        self._free = frozenset(
            date.fromisoformat(f"{year}-{day}")
            for years in (table.non_working, table.kota)
            for year, days in years.items()
            for day in days
        )
        self._due = lru_cache(maxsize=65_536)(self._walk)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday (Perpres 21/2023 article 3), no national holiday, no cuti bersama."""
        return day.weekday() < 5 and day not in self._free

    def is_holiday(self, at: int) -> bool | None:
        """Whether the local day is a holiday or cuti bersama; None of a year that is not named."""
        day = _EPOCH + timedelta(days=(at + WIB) // DAY)
        return day in self._free if day.year in self.years else None

    def due(self, start: int, working_days: int) -> Due:
        """`WD(start, n)`."""
        return self._due((start + WIB) // DAY, working_days)

    def _walk(self, day_number: int, count: int) -> Due:
        day, known = _EPOCH + timedelta(days=day_number), True
        while count > 0:
            day += timedelta(days=1)
            known = known and day.year in self.years
            if self.is_working_day(day):
                count -= 1
        return Due((day - _EPOCH).days * DAY - WIB + _LAST_INSTANT, known)


SHIPPED = Calendar(shipped(CalendarTable))
"""In force until another version is loaded."""
