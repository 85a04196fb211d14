"""One connector at work: what its source gives goes to its raw topic, nothing else decides."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from core import topics
from core.manifest import Manifest, Raw
from core.outcome import Halt, Retry
from core.privacy import Pseudonymizer
from edge.cursor import KeptCursor
from edge.heartbeat import Heart, Now, wall_clock
from edge.intake import intake
from edge.meter import Meter
from edge.outbox import Outbox, Pace, Sleep
from edge.sink import Record, Sink
from wire.envelope import to_record

INTERVAL_S = 60.0
"""Pause between two passes of a fetch that returns and has no `settings.interval`."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Edge:
    """What the sources of one process share."""

    sink: Sink
    pseudonymizer: Pseudonymizer
    meter: Meter
    heart: Heart
    now: Now = wall_clock
    sleep: Sleep = asyncio.sleep


@dataclass(slots=True)
class Source:
    """One connector with its settings, its cursor and the records it has out."""

    manifest: Manifest
    settings: Any
    edge: Edge
    saved: str | None = None
    outbox: Outbox = field(init=False)
    _pace: Pace = field(init=False, default_factory=Pace)

    def __post_init__(self) -> None:
        """Open the outbox."""
        self.outbox = Outbox(self.name, self.edge.sink, self.edge.meter, sleep=self.edge.sleep)

    @property
    def name(self) -> str:
        """The connector's name."""
        return self.manifest.name

    def records(self, raw: Raw) -> list[Record]:
        """What goes to Kafka for one payload; never empty."""
        found = []
        for piece in intake(self.manifest, raw, self.edge.pseudonymizer):
            value, headers = to_record(piece, self.name)
            found.append(Record(topics.raw(self.name), value, headers=tuple(headers)))
        return found

    async def take(self, raw: Raw) -> None:
        """Send one payload in the background; waits while too many are unacknowledged."""
        for record in self.records(raw):
            await self.outbox.put(record)

    async def keep(self, raw: Raw) -> None:
        """Send one payload and return once Kafka has it.  Raises Retry or Halt, see Sink.send."""
        for record in self.records(raw):
            await self.edge.sink.send(record)
            self.edge.meter.sent(self.name, len(record.value))

    def heard(self) -> None:
        """The source proved to be alive."""
        self.edge.heart.heard(self.name)
        self.edge.meter.up(self.name, running=True)

    async def run(self) -> None:
        """Fetch for ever.  Raises Halt; weather is waited out and counted."""
        cursor = KeptCursor(
            self.name,
            self.saved,
            self.outbox,
            now=self.edge.now,
            heard=self.heard,
            saved=lambda: self.edge.meter.saved(self.name, self.edge.now()),
        )
        try:
            while True:
                pause = await self._pass_or_pause(cursor)
                await self.edge.sleep(pause)
        finally:
            # Stopping must not wait for a broker that is away; an older cursor is safe.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await cursor.write()

    async def _pass_or_pause(self, cursor: KeptCursor) -> float:
        """One pass of the fetch; seconds to wait before the next one."""
        try:
            await self._pass(cursor)
            await cursor.write()
            return self._interval()
        except Retry as weather:
            pause = self._pace.pause(weather.after.total_seconds())
            self.edge.meter.up(self.name, running=False)
            self.edge.meter.retried(self.name, "source")
            log.warning("source is away", source=self.name, why=str(weather), again_in_s=pause)
            return pause

    async def _pass(self, cursor: KeptCursor) -> None:
        if self.manifest.fetch is None:
            raise Halt(f"{self.name} has nothing to fetch from")
        async with aclosing(self.manifest.fetch(self.settings, cursor)) as payloads:  # type: ignore[type-var]  # every fetch is an async generator function
            async for raw in payloads:
                self.heard()
                await self.take(raw)
                self._pace.reset()
        self._pace.reset()
        self.heard()

    def _interval(self) -> float:
        given = getattr(self.settings, "interval", INTERVAL_S)
        return given.total_seconds() if isinstance(given, timedelta) else float(given)
