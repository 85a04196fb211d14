"""How traffic flows at a few intersections that measure it, minute by minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core import moment
from sim.chance import Chance
from sim.city import Camera

SOURCE = "traffic_analytics"
_QUARTER = 15
_FATES = ("smooth", "rush", "jammed")
_OPENS, _CLOSES = 5 * 60 + 30, 21 * 60 + 30
"""Minutes of the day: also a little before and after the hours that count."""
_HOURS_OF_ONE = 2 * 60
_COUNTS_ONLY = range(13 * 60, 14 * 60 + 30)
"""The analytics of the smooth intersection gives no delay then."""
_FALTERS = range(10 * 60, 11 * 60)
"""That of the one with a rush hour loses minutes then: it keeps 8 to 11 of each quarter."""
_ON_THE_EDGE = range(16 * 60, 16 * 60 + _QUARTER)
"""25.0 and 25.1 s on two arms with equal volumes: 25.05 s is 25.1 s, and no longer C."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Mean delay in seconds (None: only counted) and volume in smp of an arm in a minute."""

    intersection_id: str
    camera_id: str
    approach: str | None
    at: int
    delay: float | None
    volume: float


def flows(chance: Chance, cameras: tuple[Camera, ...], days: Sequence[int]) -> list[Measurement]:
    """The measurements of the days that start then, at one intersection of each fate.

    Of several days only two hours of each, other ones on the next.
    """
    left = list(cameras)
    found: list[Measurement] = []
    for fate in _FATES:
        camera = left.pop(chance.whole(0, len(left) - 1))
        for index, day in enumerate(days):
            opens = _OPENS + index % 8 * _HOURS_OF_ONE if len(days) > 1 else _OPENS
            closes = opens + _HOURS_OF_ONE if len(days) > 1 else _CLOSES
            found += _Junction(chance, camera, fate, day).play(range(opens, closes))
    return found


class _Junction:
    def __init__(self, chance: Chance, camera: Camera, fate: str, day: int) -> None:
        self._chance, self._camera, self._fate, self._day = chance, camera, fate, day

    def play(self, minutes: range) -> Iterator[Measurement]:
        kept: set[int] = set()
        for minute in minutes:
            if minute % _QUARTER == 0 or not kept:
                kept = self._kept(minute)
            if minute % _QUARTER in kept:
                yield from self._minute(minute)

    def _kept(self, minute: int) -> set[int]:
        """Which minutes of the quarter are measured."""
        if self._fate != "rush" or minute not in _FALTERS:
            return set(range(_QUARTER))
        return set(range(self._chance.whole(8, 11)))

    def _minute(self, minute: int) -> Iterator[Measurement]:
        chance = self._chance
        if self._fate == "smooth" and minute in _ON_THE_EDGE:
            yield self._measured(minute, "utara", 25.0, 12.5)
            yield self._measured(minute, "timur", 25.1, 12.5)
        elif self._fate == "smooth":
            delay = None if minute in _COUNTS_ONLY else self._around(14.0, 10.0)
            yield self._measured(minute, None, delay, round(chance.real(5, 40), 1))
        elif self._fate == "rush":
            hour = minute // 60
            middle = 45.0 if hour in (7, 8, 16, 17) else 18.0
            yield self._measured(minute, "utara", self._around(middle, 12.0),
                                 round(chance.real(5, 60), 1))  # fmt: skip
        else:
            yield self._measured(minute, None, self._around(31.0, 25.0),
                                 round(chance.real(20, 80), 1))  # fmt: skip

    def _around(self, middle: float, spread: float) -> float:
        return round(self._chance.real(max(middle - spread, 0), middle + spread), 1)

    def _measured(
        self, minute: int, approach: str | None, delay: float | None, volume: float
    ) -> Measurement:
        camera = self._camera
        at = self._day + minute * moment.MINUTE + self._chance.between(0, 59 * moment.SECOND)
        return Measurement(camera.intersection_id, camera.camera_id, approach, at, delay, volume)
