"""Moments: whole microseconds since 1970-01-01T00:00Z, the only time inside the core.

Integers compare, add and store exactly; RFC 3339 is for the edges (convention C1).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEVER = 1 << 62
"""Later than any moment."""
WIB = 7 * HOUR
"""Jambi is UTC+7 all year (`Asia/Jakarta`; no daylight saving)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_datetime(moment: datetime) -> int:
    """Microseconds of an aware datetime.  Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        message = f"{moment.isoformat()} has no time zone: add an offset such as +07:00 or Z"
        raise ValueError(message)
    # Sooner than to divide by a microsecond.
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def to_datetime(moment: int) -> datetime:
    """Aware UTC datetime of a moment."""
    return _EPOCH + timedelta(microseconds=moment)


def parse(text: str) -> int:
    """Moment of an RFC 3339 text.  Raises ValueError without an offset or when malformed."""
    return from_datetime(datetime.fromisoformat(text.strip()))


def rfc3339(moment: int) -> str:
    """RFC 3339 in UTC, with as many decimals as needed: `2026-11-23T01:30:00Z`."""
    return to_datetime(moment).isoformat().replace("+00:00", "Z")


def wib_day_start(moment: int) -> int:
    """Midnight WIB of the civil day in Jambi that holds `moment`."""
    return moment - (moment + WIB) % DAY
