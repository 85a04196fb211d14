"""True numbers of camera availability (catalogue 24), minute by minute.

A camera is expected from the WIB midnight after its registration (a registration at midnight
itself waits for the next one) until it is taken out; not during maintenance announced at least
24 hours before its start; and not in a minute in which the recorder itself gave no sign of life.
It is up in a minute with at least one report of half its nominal frame rate or more whose picture
has not been the same for over 60 seconds.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from core import moment
from sim.story import Story
from sim.truth.kpi import Truth
from sim.truth.windows import LENGTHS, Row, Window
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
    """The city's row of the window, and of each five minutes in a day."""
    observed = sorted({_minute(at) for at in story.beats["frigate"] if window.holds(at)})
    up = up_minutes(story)
    step = LENGTHS["5min"]
    counts = {start: [0, 0] for start in range(window.start, window.end, step)}
    for camera_id, service in in_service(story).items():
        for minute in observed:
            if service.expected(minute):
                count = counts[minute // step * step]
                count[0] += minute in up[camera_id]
                count[1] += 1
    good, all_ = (sum(count[index] for count in counts.values()) for index in (0, 1))
    whole = Row(KPI, window.name, "city", "city", window.start, window.end, good, all_)
    parts = [Row(KPI, "5min", "city", "city", start, start + step, *count)
             for start, count in sorted(counts.items())]  # fmt: skip
    return [whole, *parts] if window.name == "1d" else [whole]


TRUTHS = (Truth(KPI, ("frigate",), ("1d", "28d"), rows),)
