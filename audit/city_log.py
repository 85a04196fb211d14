"""The records of `city.*` as a replay takes them: decoded, with what holds no event left out.

What the worker dead-letters is skipped here, by the same rules.  Of detections only those that
name an incident class are decoded: the others make minute cells, which are no KPI.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from audit.replay import DETECTED, TICKS, Read
from core import contract, detections
from core.events import Event
from core.fold import is_claim
from core.outcome import Reject
from wire.clock import cut_of
from wire.codec import Codec
from wire.registry import Schemas

_CHUNK = 5_000
"""Detections of one partition that are looked at together, in columns."""


class Record(Protocol):
    """What is used of a Kafka record."""

    @property
    def topic(self) -> str:
        """Of `city.*`."""

    @property
    def partition(self) -> int:
        """Of the topic."""

    @property
    def offset(self) -> int:
        """In the partition."""

    @property
    def value(self) -> bytes | None:
        """As it was written."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Of a tick: its cut."""


@dataclass
class CityLog:
    """Decodes with the schemas of a registry; registers nothing there."""

    registry: Schemas
    _codec: Codec = field(init=False)
    _ours: dict[tuple[str, int], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A codec that only reads."""
        self._codec = Codec({}, self.registry)

    async def reads(self, records: AsyncIterable[Record]) -> AsyncIterator[Read]:
        """Every record once, in the order of its topic partition.

        Raises Retry when the registry is away.
        """
        chunks: dict[int, list[Record]] = {}
        async for record in records:
            if record.topic != DETECTED:
                yield await self._one(record)
                continue
            chunk = chunks.setdefault(record.partition, [])
            if chunk and (len(chunk) == _CHUNK or chunk[-1].offset + 1 != record.offset):
                yield await self._together(chunk)
                chunk.clear()
            chunk.append(record)
        for chunk in chunks.values():
            if chunk:
                yield await self._together(chunk)

    async def _one(self, record: Record) -> Read:
        plain = Read(record.topic, record.partition, record.offset, record.offset + 1)
        event = await self._decode(record)
        if event is None:
            return plain._replace(skipped=1)
        if record.topic != TICKS:
            return plain._replace(events=[(record.offset, event)])
        try:
            cut = cut_of(dict(record.headers))
        except ValueError:
            return plain._replace(skipped=1)
        return plain._replace(events=[(record.offset, event)], cut=cut)

    async def _together(self, chunk: Sequence[Record]) -> Read:
        first, last = chunk[0], chunk[-1]
        plain = Read(first.topic, first.partition, first.offset, last.offset + 1)
        wanted = await self._claimed(chunk)
        found = [(record.offset, await self._decode(record)) for record in wanted]
        events = [
            (offset, event) for offset, event in found if event is not None and is_claim(event)
        ]
        return plain._replace(events=events, skipped=sum(event is None for _, event in found))

    async def _claimed(self, chunk: Sequence[Record]) -> Sequence[Record]:
        """The records that may be claims: all of them where columns cannot tell."""
        bodies = []
        for record in chunk:
            framed = contract.unframe(record.value)
            if isinstance(framed, Reject) or not await self._is_ours(detections.TYPE, framed[0]):
                return chunk
            bodies.append(framed[1])
        try:
            table = detections.columns(bodies, [record.offset for record in chunk])
        except ValueError:
            return chunk
        return [chunk[row] for row in detections.claimed(table)]

    async def _decode(self, record: Record) -> Event | None:
        event_type = record.topic.removeprefix("city.")
        framed = contract.unframe(record.value)
        if isinstance(framed, tuple) and await self._is_ours(event_type, framed[0]):
            try:
                return contract.decode(event_type, framed[1])
            except ValueError:
                return None
        outcome = await self._codec.decode(record.topic, record.value)
        return outcome if isinstance(outcome, Event) else None

    async def _is_ours(self, event_type: str, schema_id: int) -> bool:
        """Whether the id means the schema that this program has: then nothing is to be resolved."""
        known = self._ours.get((event_type, schema_id))
        if known is None:
            known = self._ours[event_type, schema_id] = await self._same(event_type, schema_id)
        return known

    async def _same(self, event_type: str, schema_id: int) -> bool:
        try:
            text = await self.registry.schema(schema_id)
            return bool(json.loads(text) == json.loads(contract.schema_text(event_type)))
        except (LookupError, ValueError):
            return False
