"""Working days of Kota Jambi in 2026: an own small calculator, apart from the engine's.

Source of the dates: three-minister decree (SKB 1497/2025, 2/2025, 5/2025), public holidays and
cuti bersama.  Only 2026 is known; in other years every weekday counts, which touches no window
of a story that plays in 2026 (dues in 2027 lie after it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache

from core import moment

_JAMBI = timezone(timedelta(hours=7))
_DAYS_OFF = {
    "01-01 01-16 02-17 03-19 03-21 03-22 04-03 04-05 05-01 05-14 05-27 05-31 06-01 06-16 "
    "08-17 08-25 12-25": "public holiday",
    "02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24": "cuti bersama",
}
DAYS_OFF = frozenset(
    date.fromisoformat(f"2026-{day}") for days in _DAYS_OFF for day in days.split()
)


def is_working(day: date) -> bool:
    """Monday to Friday and neither a public holiday nor cuti bersama."""
    return day.weekday() < 5 and day not in DAYS_OFF


def wib_date(at: int) -> date:
    """The civil date in Jambi at a moment."""
    return moment.to_datetime(at).astimezone(_JAMBI).date()


def midnight(day: date) -> int:
    """Moment of 00:00 WIB of a date."""
    return moment.from_datetime(datetime(day.year, day.month, day.day, tzinfo=_JAMBI))


def due(start: int, days: int, free: date | None = None) -> int:
    """23:59:59.999 WIB of the `days`-th working day after the day of `start` (convention C2).

    `free` is one more day off.
    """
    return _end_of(wib_date(start), days, free)


@cache
def _end_of(day: date, left: int, free: date | None) -> int:
    while left:
        day += timedelta(days=1)
        if is_working(day) and day != free:
            left -= 1
    return midnight(day + timedelta(days=1)) - 1000


@dataclass(frozen=True, slots=True)
class Decree:
    """From moment `at` on it is known that `day` is free."""

    at: int
    day: date

    def due(self, start: int, days: int, stopped: int | None) -> int:
        """`due` of a clock that was stopped at a moment; None: it runs.

        Convention C2c: a clock that the decree found running is due by it, one that was stopped
        before is due as ever.
        """
        kept = stopped is not None and stopped < self.at
        return due(start, days, None if kept else self.day)


NO_DECREE = Decree(0, date.min)
"""Of a day on which no clock runs."""
