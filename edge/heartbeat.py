"""`source.heartbeat`: a source is alive, whether or not it has news (convention C6)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from core import contract, moment, topics
from core.events import Event, event_id
from edge.meter import Meter
from edge.outbox import Outbox
from edge.sink import Record

TYPE = "source.heartbeat"
Now = Callable[[], int]
Encode = Callable[[Event], bytes]
"""Framed value of an event (wire.codec.Codec.encode)."""


def wall_clock() -> int:
    """Now, as a moment."""
    return time.time_ns() // 1_000


def heartbeat(source: str, at: int) -> Event:
    """The heartbeat of the minute that holds `at`: the same event whenever it is made."""
    minute = at // moment.MINUTE * moment.MINUTE
    reference = moment.rfc3339(minute)
    return Event(TYPE, event_id("source", "heartbeat", source, reference), minute, source)


class Heart:
    """Beats once for each minute in which a source proved to be alive.

    `heard` is cheap and may be called for each record; `beat` writes what is due.
    """

    def __init__(self, meter: Meter, now: Now = wall_clock) -> None:
        """Nothing heard yet."""
        self._meter = meter
        self._now = now
        self._due: asyncio.Queue[Event] = asyncio.Queue()
        self._last: dict[str, int] = {}

    def heard(self, source: str) -> None:
        """`source` is alive at this moment."""
        at = self._now()
        self._meter.heard(source, at)
        minute = at // moment.MINUTE
        if self._last.get(source) != minute:
            self._last[source] = minute
            self._due.put_nowait(heartbeat(source, at))

    async def beat(self, outbox: Outbox, encode: Encode) -> None:
        """Send heartbeats as they fall due, for ever."""
        while True:
            event = await self._due.get()
            await outbox.put(Record(topics.city(TYPE), encode(event), key=contract.key(event)))
