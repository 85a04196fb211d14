"""True numbers of camera availability (catalogue 24), minute by minute.

A camera is expected from the WIB midnight after its registration (a registration at midnight
itself waits for the next one) until it is taken out; not during maintenance announced at least
24 hours before its start; and not in a minute in which the recorder itself gave no sign of life.
What tells of itself and is in no register is left out, each minute of it.
It is up in a minute with at least one report of half its nominal frame rate or more whose picture
has not been the same for over 60 seconds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from core import moment
from sim.story import Story
from sim.truth.kpi import Reasons, Truth
from sim.truth.windows import CITY, LENGTHS, SENSORS, Row, Scope, Window, by_reason
from sim.watch import Probe

KPI = "cctv_availability_pct"
_ENOUGH = 0.5
_FROZEN_AFTER = 60 * moment.SECOND
_AHEAD = 24 * moment.HOUR


@dataclass(slots=True)
class _Service:
    since: int
    until: int | None = None
    nominal_fps: float = 0.0
    closed: list[tuple[int, int]] = field(default_factory=list)

    def expected(self, minute: int) -> bool:
        if minute < self.since or (self.until is not None and minute >= self.until):
            return False
        return not any(start <= minute < end for start, end in self.closed)


@lru_cache(maxsize=4)
def in_service(story: Story) -> dict[str, _Service]:
    """Each registered camera and when it is expected to work."""
    found: dict[str, _Service] = {}
    for entry in story.watch.registrations:
        if entry.in_service:
            next_midnight = moment.wib_day_start(entry.at) + moment.DAY
            found[entry.camera.camera_id] = _Service(
                next_midnight, nominal_fps=entry.camera.nominal_fps
            )
        else:
            found[entry.camera.camera_id].until = entry.at
    for work in story.watch.maintenance:
        if work.starts_at - work.announced_at >= _AHEAD:
            found[work.camera_id].closed.append((work.starts_at, work.ends_at))
    return found


def _minute(at: int) -> int:
    return at // moment.MINUTE * moment.MINUTE


@lru_cache(maxsize=4)
def up_minutes(story: Story) -> dict[str, set[int]]:
    """The minutes in which each registered camera was up."""
    cameras = in_service(story)
    found: dict[str, set[int]] = defaultdict(set)
    for stats in story.watch.stats:
        for camera_id, fps in stats.fps.items():
            if camera_id in cameras and fps >= _ENOUGH * cameras[camera_id].nominal_fps:
                found[camera_id].add(_minute(stats.at))
    by_camera: dict[str, list[Probe]] = defaultdict(list)
    for probe in story.watch.probes:
        by_camera[probe.camera_id].append(probe)
    for camera_id, probes in by_camera.items():
        since, picture = 0, ""
        for probe in sorted(probes, key=lambda p: p.at):
            if probe.frame_hash != picture:
                since, picture = probe.at, probe.frame_hash
            frozen = probe.at - since > _FROZEN_AFTER
            if not frozen and probe.fps >= _ENOUGH * cameras[camera_id].nominal_fps:
                found[camera_id].add(_minute(probe.at))
    return found


def rows(story: Story, window: Window) -> list[Row]:
    """The rows of the window, and those of each five minutes in a 1d one."""
    observed = sorted({_minute(at) for at in story.beats["frigate"] if window.holds(at)})
    up = up_minutes(story)
    where = {e.camera.camera_id: e.camera.intersection_id for e in story.watch.registrations}
    step = LENGTHS["5min"]
    cities = range(window.start, window.end, step) if window.name == "1d" else ()
    parts: dict[tuple[int, Scope], list[int]] = {(start, CITY): [0, 0] for start in cities}
    whole: dict[Scope, list[int]] = {CITY: [0, 0]}
    for camera_id, service in in_service(story).items():
        for scope in (CITY, ("intersection", where[camera_id])):
            for minute in observed:
                if service.expected(minute):
                    part = parts.setdefault((minute // step * step, scope), [0, 0])
                    for count in (part, whole.setdefault(scope, [0, 0])):
                        count[0] += minute in up[camera_id]
                        count[1] += 1
    found = [Row(KPI, window.name, *scope, window.start, window.end, *count)
             for scope, count in sorted(whole.items())]  # fmt: skip
    if window.name == "1d":
        found += [Row(KPI, "5min", *scope, start, start + step, *count)
                  for (start, scope), count in sorted(parts.items())]  # fmt: skip
    return found


def _unregistered(story: Story, window: Window) -> Reasons:
    entered: dict[str, int] = {}
    for entry in story.watch.registrations:
        entered.setdefault(entry.camera.camera_id, entry.at)
    told = {(_minute(stats.at), camera_id) for stats in story.watch.stats
            if window.holds(stats.at) for camera_id in stats.fps}  # fmt: skip
    strange = [
        camera_id for minute, camera_id in told
        if camera_id not in entered or entered[camera_id] >= _settled(story, minute)
    ]  # fmt: skip
    return by_reason(("unregistered", [("intersection", "unlocated")]) for _ in strange)


def _settled(story: Story, minute: int) -> int:
    """The tick at which the five minutes are over for good: what is said later is not heard."""
    five = LENGTHS["5min"]
    over = minute // five * five + five + SENSORS.lateness
    tick = story.day + -(-(over - story.day) // story.every) * story.every
    return min(tick, story.end)


TRUTHS = (Truth(KPI, ("frigate",), ("1d", "28d"), rows, _unregistered, horizon=SENSORS),)
