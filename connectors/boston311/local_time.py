"""Boston's civil times as moments.

The file gives local time without offset.  In the hour that happens twice in autumn the first
one (daylight saving) is meant, unless `not_before` is later: then the second.  Times in the hour
that does not happen in spring count on from before the change, as a clock that was not set would.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from core import moment
from core.fields import Fields, invalid

_ZONE = ZoneInfo("America/New_York")
_AMERICAN = re.compile(
    r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})[ T]"
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(?: ?([AaPp])[Mm])?"
)


def local_moment(fields: Fields, name: str, not_before: int = 0) -> int | None:
    """Moment of `MM/DD/YYYY hh:mm:ss AM` or ISO text; None when absent.  Raises Flaw."""
    text = fields.text(name)
    if text is None:
        return None
    try:
        at = _american(text) or datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return fields.sane(name, moment.from_datetime(at))
        first, second = (
            moment.from_datetime(at.replace(tzinfo=_ZONE, fold=fold)) for fold in (0, 1)
        )
    except (ValueError, OverflowError) as error:
        raise invalid(f"field {name!r} {text!r} is no date and time: {error}") from error
    return fields.sane(name, second if first < not_before <= second else first)


def _american(text: str) -> datetime | None:
    match = _AMERICAN.fullmatch(text)
    if not match:
        return None
    month, day, year, hour, minute = (int(part) for part in match.groups()[:5])
    if half := match[8]:
        if not 1 <= hour <= 12:
            message = f"hour {hour} with {half}M"
            raise ValueError(message)
        hour = hour % 12 + (12 if half in "Pp" else 0)
    micro = int((match[7] or "0")[:6].ljust(6, "0"))
    return datetime(year, month, day, hour, minute, int(match[6] or 0), micro)  # noqa: DTZ001 - local
