"""In which minutes each camera was up, a day at a time: what the verdicts of triangulation ask for.

Folds tell it hour by hour; a day of a camera is one number of 1,440 bits, so that months of many
cameras stay small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.moment import DAY, HOUR, MINUTE

Uptime = Mapping[str, Mapping[int, int]]
"""Camera to start of a UTC day to the minutes in which it was up: bit n is the n-th minute."""

UP_PERCENT = 90
"""Catalogue KPI 29."""


@dataclass
class Uptimes:
    """Of all cameras.  Saying an hour twice changes nothing."""

    by_camera: dict[str, dict[int, int]] = field(default_factory=dict)

    def note(self, camera: str, hour: int, up: int) -> str:
        """Minutes up in the hour that starts then; returns the name of its day."""
        day = hour // DAY * DAY
        days = self.by_camera.setdefault(camera, {})
        days[day] = days.get(day, 0) | up << (hour - day) // MINUTE
        return f"{camera}|{day}"

    def day(self, name: str) -> str | None:
        """What is known of a day, as hexadecimal text; None: nothing."""
        camera, _, day = name.rpartition("|")
        up = self.by_camera.get(camera, {}).get(int(day))
        return None if up is None else f"{up:x}"

    def restore(self, name: str, up: str) -> None:
        """Inverse of `day`."""
        camera, _, day = name.rpartition("|")
        self.by_camera.setdefault(camera, {})[int(day)] = int(up, 16)

    def days(self) -> Iterator[tuple[str, int]]:
        """Camera and start of every day of which something is known."""
        for camera, days in self.by_camera.items():
            for day in days:
                yield camera, day

    def forget(self, camera: str, day: int) -> str:
        """Drop a day; returns its name."""
        del self.by_camera[camera][day]
        if not self.by_camera[camera]:
            del self.by_camera[camera]
        return f"{camera}|{day}"


def was_up(days: Mapping[int, int], start: int, end: int) -> bool:
    """Up in at least 90 % of the minutes of [start, end], the first and last one included."""
    first, last = start // MINUTE, end // MINUTE
    up = 0
    for day in range(start // DAY * DAY, end + 1, DAY):
        bits = days.get(day, 0)
        if (skipped := first - day // MINUTE) > 0:
            bits = bits >> skipped << skipped
        up += (bits & (1 << last - day // MINUTE + 1) - 1).bit_count()
    return up * 100 >= (last - first + 1) * UP_PERCENT


def hours_of(start: int, end: int) -> Iterator[int]:
    """Starts of the hours that hold some of [start, end]."""
    yield from range(start // HOUR * HOUR, end + 1, HOUR)
