"""Working days of the Indonesian government and the due instants that follow from them.

Convention C2: the day of the start is day 0; the due instant is 23:59:59.999 WIB of the n-th
working day after it.  Past the last decree only Saturdays and Sundays are known to be free, so a
due date there may move when the decree is loaded (a new calendar version).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache, lru_cache

from core.holidays import NON_WORKING, VERSION
from core.moment import DAY, WIB

__all__ = ["VERSION", "due", "is_working_day"]

_EPOCH = date(1970, 1, 1)
_LAST_INSTANT = DAY - 1_000
"""23:59:59.999 of a day, in microseconds after its midnight."""


@cache
def _free_days() -> frozenset[date]:
    return frozenset(
        date.fromisoformat(f"{year}-{day}") for year, days in NON_WORKING.items() for day in days
    )


def is_working_day(day: date) -> bool:
    """Monday to Friday (Perpres 21/2023 article 3), no national holiday, no cuti bersama."""
    return day.weekday() < 5 and day not in _free_days()


@lru_cache(maxsize=65_536)
def _nth_working_day(day_number: int, count: int) -> int:
    day = _EPOCH + timedelta(days=day_number)
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return (day - _EPOCH).days


def due(start: int, working_days: int) -> int:
    """`WD(start, n)`: the last instant, in microseconds UTC, that is still on time."""
    civil_day = (start + WIB) // DAY
    return _nth_working_day(civil_day, working_days) * DAY - WIB + _LAST_INSTANT
