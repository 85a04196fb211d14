"""How what happened reaches the city: at once, or late, out of order, twice, by a wrong clock.

What counts is when the source says that a thing happened.  So trouble of the way changes no true
number, but for one thing: what came after a row was final is not in it.  The truth has to know
when each thing came, and both ask here.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from core import moment

KINDS = ("late", "disorder", "duplicates", "skew", "runaway", "silent")
"""late: within the lateness of its class (C5), signs of life of whole days within a week, what
cameras say of themselves hours after it could count; disorder: minutes; duplicates: sent again;
skew: clocks that are off by minutes; runaway: clocks over five minutes ahead, of which nothing may
count; silent: apps that say nothing for days, one that says it all afterwards, feeds that are dead
for a day, one that is connected only after some days."""

_HOURS_LATE = {"complaint": 72, "field": 72, "signal": 72, "survey": 7 * 24, "source": 7 * 24,
               "cctv": 12}  # fmt: skip
_APP_HOURS_LATE = 24
_SENSORS = ("traffic",)
_PUNCTUAL = ("ref", "audit")
_MARGIN = 10 * moment.MINUTE
_SENSOR_LATENESS = 9 * moment.MINUTE
_LATE, _AGAIN = 0.03, 0.02
SIGN_OF_LIFE = "source"
_CUT_OFF = 0.25
"""Share of the days of which all signs of life come afterwards, within a week of each: who carries
them was cut off for a day.  Of one here and there no day would notice."""
_SHUFFLED = 4 * moment.MINUTE
SKEW = {
    "traffic": -3 * moment.MINUTE,
    "alert": -4 * moment.MINUTE,
    "field": -2 * moment.MINUTE,
    "service": 2 * moment.MINUTE,
}
"""How much later than its own clock says a thing of an area comes; before, where it is ahead."""
_TENFOLD = 2**32


@dataclass(frozen=True, slots=True)
class Post:
    """`kinds` of trouble on the way; `outage` (from, to): Sipaten's line was down."""

    seed: int = 0
    kinds: frozenset[str] = frozenset()
    outage: tuple[int, int] | None = None

    def arrives(self, area: str, at: int) -> int:
        """When a thing comes of which its source says that it happened at `at`.

        `area` is the first part of the event type.  The same for all of one area and moment.
        """
        if area == "service" and self.outage and self.outage[0] <= at < self.outage[1]:
            return self.outage[1] + self._share("caught up", area, at, moment.HOUR)
        after = 0
        if "skew" in self.kinds:
            after += SKEW.get(area, 0)
        if "disorder" in self.kinds and area != "ref":
            after += self._share("shuffled", area, at, _SHUFFLED)
        if "late" in self.kinds and area == SIGN_OF_LIFE:
            day = moment.wib_day_start(at)
            if self._happens("late", area, day, _CUT_OFF):
                over = day + moment.DAY
                return over + self._share("for so long", area, day, longest(area) - moment.DAY)
        elif "late" in self.kinds and self._happens("late", area, at, _LATE):
            after = self._share("how late", area, at, longest(area))
        return at + after

    def again(self, area: str, at: int) -> int | None:
        """When the same thing comes once more; None where it does not."""
        if "duplicates" not in self.kinds or not self._happens("again", area, at, _AGAIN):
            return None
        return self.arrives(area, at) + self._share("when again", area, at, 2 * moment.DAY)

    def _share(self, what: str, area: str, at: int, longest: int) -> int:
        drawn = zlib.crc32(f"{self.seed}/{what}/{area}/{at}".encode())
        # A CRC of another word differs by the same bits for all moments: what is late at all would
        # always be about as late.
        drawn = (drawn ^ (drawn >> 15)) * 0x2C1B3C6D % _TENFOLD
        drawn = (drawn ^ (drawn >> 12)) * 0x297A2D39 % _TENFOLD
        return (drawn ^ (drawn >> 15)) * longest // _TENFOLD

    def _happens(self, what: str, area: str, at: int, share: float) -> bool:
        return self._share(what, area, at, 1_000_000) < share * 1_000_000


def longest(area: str) -> int:
    """How late a thing comes at most.

    It counts everywhere all the same, but for what cameras say of themselves (`sim.known`).
    """
    if area in _PUNCTUAL:
        return 0
    if area in _SENSORS:
        return _SENSOR_LATENESS
    return _HOURS_LATE.get(area, _APP_HOURS_LATE) * moment.HOUR - _MARGIN
