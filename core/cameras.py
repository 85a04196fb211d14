"""A camera: its register, announced maintenance and heartbeats, and its minutes up and expected.

Rules: KPI 24 of the catalogue.  Whether the collector itself was alive is not known here: each
minute is counted apart, so that the merge can leave out those in which it was silent.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from propcache.api import cached_property

from core import reference
from core.cells import Counters
from core.events import Event, in_order
from core.kpi import Subject
from core.moment import DAY, HOUR, MINUTE, wib_day_start

EXPECTED = "e:"
"""Counter prefix `e:<minute>`: cameras expected to be up in that minute."""
UP = "u:"
"""Counter prefix `u:<minute>`: cameras that were up."""
LOOK_BACK = 15 * MINUTE
"""How long before a window its heartbeats still tell since when a picture is the same; older ones
never decide, so that it does not matter when they are forgotten."""


CAMERA = Subject("camera")


@dataclass(frozen=True)
class Camera:
    """One camera.  Each list is sorted by (occurred_at, event_id)."""

    register: tuple[Event, ...]
    maintenance: tuple[Event, ...]
    heartbeats: tuple[Event, ...]

    @classmethod
    def of(cls, events: Iterable[Event]) -> Camera:
        """The camera that these events describe."""
        ordered = in_order(events)
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
    def view(self) -> dict[str, str]:
        """Field of view, analytics and place of the newest entry; empty without a field of view."""
        entry = self.register[-1] if self.register else None
        if entry is None or not entry.text("fov"):
            return {}
        told = {name: entry.text(name) for name in ("fov", "analytics")}
        return told | {"intersection": self.intersection}

    def minutes_up(self, hour: int) -> int:
        """Bit n: it was up in the n-th minute of the hour that starts at `hour`."""
        counters = self.counters(hour, hour + HOUR)
        return sum(1 << n for n in range(HOUR // MINUTE) if f"{UP}{hour // MINUTE + n}" in counters)

    @property
    def watches(self) -> tuple[tuple[int, int | None], ...]:
        """[from, until) spans in service; None: still.  What it saw before removal stays seen."""
        spans: list[tuple[int, int | None]] = []
        since: int | None = None
        for entry in self.register:
            if entry.flag("in_service"):
                since = _enters(entry) if since is None else since
            elif since is not None:
                spans.append((since, max(since, entry.occurred_at)))
                since = None
        return (*spans, (since, None)) if since is not None else tuple(spans)

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
        """Minutes of [start, end) as counters by minute."""
        healthy = self._best_fps(start, end)
        found: Counters = {}
        closed = [span for span in self._closed if span[0] < end and start < span[1]]
        changes = any(start <= at <= end for at in self._changes)
        nominal = self.nominal_fps(start)
        for at in range(start, end, MINUTE):
            if changes:
                nominal = self.nominal_fps(at)
            if nominal is None:
                if at in healthy and not self.register:
                    found[f"x:unregistered:{at // MINUTE}"] = 1
                continue
            if closed and any(since <= at < until for since, until in closed):
                continue
            found[f"{EXPECTED}{at // MINUTE}"] = 1
            if healthy.get(at, -1.0) * 100 >= nominal * reference.HEALTHY_FPS_PERCENT:
                found[f"{UP}{at // MINUTE}"] = 1
        return found

    @cached_property
    def _changes(self) -> frozenset[int]:
        """Instants around which its nominal frame rate may change; between them it does not."""
        return frozenset(at for e in self.register for at in (e.occurred_at, _enters(e)))

    @cached_property
    def _closed(self) -> tuple[tuple[int, int], ...]:
        """[from, to) spans of maintenance that was announced in time."""
        spans = ((e.occurred_at, e.whole("starts_at") or 0, e.whole("ends_at") or 0)
                 for e in self.maintenance)  # fmt: skip
        return tuple(
            (start, end)
            for announced, start, end in spans
            if announced <= start - reference.ANNOUNCED_BEFORE
        )

    def _best_fps(self, start: int, end: int) -> dict[int, float]:
        """Best frame rate by start of minute; -1 in a minute whose picture was frozen."""
        best: dict[int, float] = {}
        frozen: set[int] = set()
        same_since, last_hash = 0, ""
        first = bisect_left(self.heartbeats, start - LOOK_BACK, key=_when)
        for beat in self.heartbeats[first : bisect_left(self.heartbeats, end, key=_when)]:
            minute = beat.occurred_at // MINUTE * MINUTE
            image = beat.text("frame_hash")
            if image and image != last_hash:
                same_since, last_hash = beat.occurred_at, image
            if beat.occurred_at < start:
                continue
            if image and beat.occurred_at - same_since > reference.FROZEN_AFTER:
                frozen.add(minute)
            best[minute] = max(best.get(minute, -1.0), beat.real("camera_fps") or 0.0)
        return best | dict.fromkeys(frozen, -1.0)


def _when(event: Event) -> int:
    return event.occurred_at


def _enters(entry: Event) -> int:
    """A new camera enters service at the next WIB midnight."""
    return wib_day_start(entry.occurred_at) + DAY
