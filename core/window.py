"""Windows: civil spans in Jambi (WIB) over which base cells are merged.

`5min` and `1h` are tumbling; `1d` is a WIB civil day; `7d`, `28d` and `90d` end at each WIB
midnight; `month`, `quarter` and `year` are calendar spans.  All are half open: [start, end).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from core import moment
from core.moment import DAY, HOUR, MINUTE, WIB, wib_day_start

Span = tuple[int, int]

_TUMBLING = {"5min": 5 * MINUTE, "1h": HOUR}
_DAYS = {"1d": 1, "7d": 7, "28d": 28, "90d": 90}
_BASES = {**_TUMBLING, "1d": DAY, "instant": 1}
"""Sizes of cells; one of an instant holds what happened at that very microsecond."""
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
KINDS = (*_TUMBLING, *_DAYS, *_MONTHS)


def base_start(base: str, at: int) -> int:
    """Start of the base cell (`5min`, `1h`, `1d` or `instant`) that holds `at`.

    Hours begin in Jambi when they begin everywhere.
    """
    size = _BASES[base]
    return (at + WIB) // size * size - WIB


def base_size(base: str) -> int:
    """Length of a base cell in microseconds."""
    return _BASES[base]


def is_short(kind: str) -> bool:
    """Shorter than a day."""
    return kind in _TUMBLING


def rolls(kind: str) -> bool:
    """Windows of the kind overlap."""
    return _DAYS.get(kind, 1) > 1


def is_short_window(span: Span) -> bool:
    """Shorter than a day."""
    return span[1] - span[0] < DAY


def containing(kind: str, at: int) -> Iterator[Span]:
    """Every window of the kind that holds the instant; rolling kinds have several."""
    if kind in _TUMBLING:
        start = base_start(kind, at)
        yield start, start + _TUMBLING[kind]
    elif kind in _DAYS:
        day, length = wib_day_start(at), _DAYS[kind] * DAY
        for end in range(day + DAY, day + length + DAY, DAY):
            yield end - length, end
    else:
        yield _calendar_span(at, _MONTHS[kind])


def last_end(kind: str, at: int) -> int:
    """End of the last window of the kind that holds the instant."""
    if kind in _DAYS:
        return wib_day_start(at) + _DAYS[kind] * DAY
    return next(containing(kind, at))[1]


def closing(kind: str, after: int, until: int) -> Iterator[Span]:
    """Windows of the kind whose end lies in (after, until], in order."""
    if kind in _TUMBLING:
        size = _TUMBLING[kind]
        for end in range(after // size * size + size, until + 1, size):
            yield end - size, end
    elif kind in _DAYS:
        for end in range(wib_day_start(after) + DAY, until + 1, DAY):
            yield end - _DAYS[kind] * DAY, end
    else:
        span = _calendar_span(after, _MONTHS[kind])
        while span[1] <= until:
            yield span
            span = _calendar_span(span[1], _MONTHS[kind])


def days(span: Span) -> range:
    """Midnights WIB of the civil days in a window of a day or more."""
    return range(span[0], span[1], DAY)


def _calendar_span(at: int, months: int) -> Span:
    local = moment.to_datetime(at + WIB)
    first = (local.month - 1) // months * months
    start = datetime(local.year, first + 1, 1, tzinfo=UTC)
    year, month = divmod(local.year * 12 + first + months, 12)
    end = datetime(year, month + 1, 1, tzinfo=UTC)
    return moment.from_datetime(start) - WIB, moment.from_datetime(end) - WIB
