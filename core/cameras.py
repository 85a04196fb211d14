"""A camera: its register, announced maintenance and heartbeats, and its minutes up and expected.

Rules: KPI 24 of the catalogue.  Whether the collector itself was alive is not known here: minutes
are counted apart by collector, so that the merge can leave out those in which it was silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core import reference
from core.cells import Counters
from core.events import Event
from core.moment import DAY, MINUTE, wib_day_start

EXPECTED = "e:"
"""Counter prefix `e:<collector>:<minute>`: cameras expected to be up in that minute."""
UP = "u:"
"""Counter prefix `u:<collector>:<minute>`: cameras that were up."""
COLLECTOR = "frigate"
"""Source whose heartbeats stand for the collector of a camera that has none of its own yet."""


@dataclass(frozen=True)
class Camera:
    """One camera.  Each list is sorted by (occurred_at, event_id)."""

    register: tuple[Event, ...]
    maintenance: tuple[Event, ...]
    heartbeats: tuple[Event, ...]

    @classmethod
    def of(cls, events: Iterable[Event]) -> Camera:
        """The camera that these events describe."""
        ordered = sorted(events, key=lambda e: (e.occurred_at, e.event_id))
        return cls(
            tuple(e for e in ordered if e.type == "ref.camera"),
            tuple(e for e in ordered if e.type == "cctv.maintenance"),
            tuple(e for e in ordered if e.type == "cctv.heartbeat"),
        )

    @property
    def intersection(self) -> str:
        """Where it stands by the newest entry of the register."""
        return (self.register[-1].text("intersection_id") if self.register else "") or "unlocated"

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees by the newest entry, or None."""
        lat = self.register[-1].real("lat") if self.register else None
        lon = self.register[-1].real("lon") if self.register else None
        return None if lat is None or lon is None else (lat, lon)

    @property
    def watches_from(self) -> int | None:
        """When it entered service; None when it is out of service or not registered."""
        if not self.register or not self.register[-1].flag("in_service"):
            return None
        return min(_enters(e) for e in self.register if e.flag("in_service"))

    def nominal_fps(self, minute_start: int) -> float | None:
        """Frames per second when healthy, None while not in service in that minute."""
        nominal: float | None = None
        for entry in self.register:
            if not entry.flag("in_service"):
                if entry.occurred_at < minute_start + MINUTE:
                    nominal = None
            elif _enters(entry) <= minute_start or (
                nominal is not None and entry.occurred_at <= minute_start
            ):
                nominal = entry.real("nominal_fps")
        return nominal

    def counters(self, start: int, end: int) -> Counters:
        """Minutes of [start, end) as counters by collector and minute."""
        healthy = dict(self._minutes_with_heartbeat(start, end))
        found: Counters = {}
        for at in range(start, end, MINUTE):
            nominal = self.nominal_fps(at)
            if nominal is None:
                if any(m == at for m in healthy) and not self.register:
                    found[f"x:unregistered:{at // MINUTE}"] = 1
                continue
            if self._in_announced_maintenance(at):
                continue
            collector, fps = healthy.get(at, (self._collector(), None))
            found[f"{EXPECTED}{collector}:{at // MINUTE}"] = 1
            if fps is not None and fps * 100 >= nominal * reference.HEALTHY_FPS_PERCENT:
                found[f"{UP}{collector}:{at // MINUTE}"] = 1
        return found

    def _collector(self) -> str:
        return self.heartbeats[-1].source if self.heartbeats else COLLECTOR

    def _in_announced_maintenance(self, at: int) -> bool:
        return any(
            (e.whole("starts_at") or 0) <= at < (e.whole("ends_at") or 0)
            and e.occurred_at <= (e.whole("starts_at") or 0) - reference.ANNOUNCED_BEFORE
            for e in self.maintenance
        )

    def _minutes_with_heartbeat(
        self, start: int, end: int
    ) -> Iterator[tuple[int, tuple[str, float | None]]]:
        """Best frame rate per minute; None when every heartbeat of the minute was frozen."""
        best: dict[int, tuple[str, float | None]] = {}
        same_since, last_hash = 0, ""
        for beat in self.heartbeats:
            image = beat.text("frame_hash")
            if not image or image != last_hash:
                same_since, last_hash = beat.occurred_at, image
            if not start <= beat.occurred_at < end:
                continue
            frozen = bool(image) and beat.occurred_at - same_since > reference.FROZEN_AFTER
            fps = None if frozen else beat.real("camera_fps")
            minute = beat.occurred_at // MINUTE * MINUTE
            old = best.get(minute, ("", None))[1]
            if fps is None or (old is not None and old >= fps):
                fps = old
            best[minute] = (beat.source, fps)
        yield from best.items()


def _enters(entry: Event) -> int:
    """A new camera enters service at the next WIB midnight."""
    return wib_day_start(entry.occurred_at) + DAY
