"""The two /metrics pages, read again and again, and when their numbers first reached a value."""

from __future__ import annotations

import asyncio
import re
import time
from bisect import bisect_left
from dataclasses import dataclass, field

import aiohttp

from core import moment, topics

EVERY_S = 0.05
_RECEIVED = re.compile(
    r'^jcoc_source_records_total\{outcome="received",source="frigate"\} (\S+)', re.MULTILINE
)
_CLOSED = re.compile(
    r'^jcoc_watermark_timestamp_seconds\{partition="\d+",stage="fold"\} (\S+)', re.MULTILINE
)
_WINDOW_END = re.compile(
    r"^jcoc_kpi_window_end_timestamp_seconds\{"
    r'kpi="cctv_availability_pct",scope_id="city",scope_type="city",window="5min"\} (\S+)',
    re.MULTILINE,
)


@dataclass(slots=True)
class Track:
    """A number that only grows, as it was seen."""

    times: list[float] = field(default_factory=list)
    values: list[int] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The newest value, 0 before the first."""
        return self.values[-1] if self.values else 0

    def see(self, at: float, value: int) -> None:
        """Note what the page said at Unix time `at`; only growth matters."""
        if value > self.last:
            self.times.append(at)
            self.values.append(value)

    def reached(self, value: int) -> float | None:
        """When the number was first seen at `value` or more; None if it never was."""
        place = bisect_left(self.values, value)
        return self.times[place] if place < len(self.times) else None


@dataclass(slots=True)
class Pages:
    """What the pages of worker and exporter said; moments in microseconds."""

    worker_url: str
    exporter_url: str
    received: Track = field(default_factory=Track)
    closed: Track = field(default_factory=Track)
    shown: Track = field(default_factory=Track)

    async def follow(self) -> None:
        """Read both pages every 50 ms until cancelled; one that is not served yet says nothing."""
        async with aiohttp.ClientSession() as http:
            await asyncio.gather(
                self._follow(http, self.worker_url), self._follow(http, self.exporter_url)
            )

    async def _follow(self, http: aiohttp.ClientSession, url: str) -> None:
        while True:
            begun = time.monotonic()
            try:
                async with http.get(url) as answer:
                    page = await answer.text()
                self.take(time.time(), page)
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(max(0.0, begun + EVERY_S - time.monotonic()))

    def take(self, at: float, page: str) -> None:
        """Read one page."""
        if found := _RECEIVED.search(page):
            self.received.see(at, int(float(found[1])))
        closed = _CLOSED.findall(page)
        if len(closed) == topics.PARTITIONS:
            self.closed.see(at, _moment(min(closed, key=float)))
        if found := _WINDOW_END.search(page):
            self.shown.see(at, _moment(found[1]))


def _moment(seconds: str) -> int:
    return round(float(seconds) * moment.SECOND)
