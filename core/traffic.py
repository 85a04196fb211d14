"""A quarter of an hour at an intersection: its measurements, its delay and level of service.

Rules: KPI 25 of the catalogue.  Bands of PM Perhubungan 96/2015 (as reproduced there) in seconds
per smp; they are written with gaps of 0.1 s, so a delay is rounded to 0.1 s before it is graded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from propcache.api import cached_property

from core import reference
from core.events import Event
from core.kpi import Subject
from core.law import SHIPPED, Law, Recomputed
from core.moment import HOUR, MINUTE, WIB, to_datetime, wib_day_start
from core.tables import IntersectionTable

LENGTH = 15 * MINUTE
LATENESS = 10 * MINUTE
"""Convention C5 for sensors."""
VALID_MINUTES = 10
OPENS, CLOSES = 6 * HOUR, 21 * HOUR
"""Time of the local day in which quarters count."""
PEAKS = ((6 * HOUR, 9 * HOUR), (16 * HOUR, 19 * HOUR))
"""Times of the local day (project choice)."""
_BANDS = (("A", 49), ("B", 150), ("C", 250), ("D", 400), ("E", 600))
"""Most tenths of a second of each level; exactly 5.0 s is B."""


@dataclass(frozen=True)
class Quarter:
    """The measurements of one intersection in one quarter of an hour, in no order."""

    intersection: str
    start: int
    events: tuple[Event, ...]
    law: Law = SHIPPED

    @classmethod
    def of(cls, events: Iterable[Event], law: Law = SHIPPED) -> Quarter | None:
        """The quarter, or None without a measurement; `law` knows the holidays."""
        known = tuple(events)
        if not known:
            return None
        start = known[0].occurred_at // LENGTH * LENGTH
        return cls(known[0].text("intersection_id"), start, known, law)

    @property
    def recomputed(self) -> tuple[Recomputed, ...]:
        """Nothing: it falls due nowhere."""
        return ()

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        return {"city": "city", "intersection": self.intersection}

    @property
    def counts(self) -> bool:
        """Whether it begins in the hours of the day that count."""
        return OPENS <= self.start - wib_day_start(self.start) < CLOSES

    @property
    def is_peak(self) -> bool:
        """Whether it begins in a peak hour."""
        at = self.start - wib_day_start(self.start)
        return any(begin <= at < end for begin, end in PEAKS)

    @property
    def is_holiday(self) -> bool | None:
        """Whether it is on a holiday or cuti bersama; None where no calendar knows the year."""
        return self.law.at(self.start).calendar.is_holiday(self.start)

    @property
    def is_ramadan(self) -> bool | None:
        """Whether it is in Ramadan; None of a year of which that is not known."""
        day = to_datetime(self.start + WIB)
        known = reference.RAMADAN.get(day.year)
        return None if known is None else known[0] <= f"{day:%m-%d}" <= known[1]

    @cached_property
    def left_out(self) -> str | None:
        """Why it has no level: too few minutes, no delay in enough of them, nobody passed."""
        if _minutes(self.events) < VALID_MINUTES:
            return "few_minutes"
        if _minutes(self._timed) < VALID_MINUTES:
            return "no_delay"
        return None if self._volume else "no_volume"

    @property
    def tenths(self) -> int:
        """Mean delay over all approaches, weighted with their volume: tenths of a second, half-up.

        Only where `left_out` is None.
        """
        total = sum(
            (_exact(e, "mean_delay_s") * _exact(e, "volume_smp") for e in self._timed), Fraction(0)
        )
        return floor(total / self._volume * 10 + Fraction(1, 2))

    @property
    def level(self) -> str:
        """Level of service, A to F.  Only where `left_out` is None."""
        return next((level for level, most in _BANDS if self.tenths <= most), "F")

    @property
    def acceptable(self) -> bool:
        """Whether its level is the least of the intersection, or better.  As `level`."""
        table = self.law.at(self.start).read(IntersectionTable)
        return self.level <= table.levels.get(self.intersection, table.default_level)

    @cached_property
    def _timed(self) -> tuple[Event, ...]:
        """Measurements with a delay; one below zero is none."""
        return tuple(
            e
            for e in self.events
            if (delay := e.real("mean_delay_s")) is not None
            and delay >= 0
            and (e.real("volume_smp") or 0.0) >= 0
        )

    @cached_property
    def _volume(self) -> Fraction:
        return sum((_exact(e, "volume_smp") for e in self._timed), Fraction(0))


def _name(event: Event) -> str:
    """Intersection and number of the quarter since 1970."""
    return f"{event.text('intersection_id')}|{event.occurred_at // LENGTH}"


def _minutes(events: Iterable[Event]) -> int:
    return len({event.occurred_at // MINUTE for event in events})


def _exact(event: Event, name: str) -> Fraction:
    """The decimal that the source wrote: 25.05 and not the binary number next to it."""
    return Fraction(repr(event.real(name)))


QUARTER = Subject("traffic", "traffic", judged=Quarter.of, key=_name, kept=LATENESS)
