"""The normalize stage: raw payloads to canonical events, or to the dead letters.

It keeps no state: a batch that is processed again after a crash gives the same events with the
same ids, which the fold recognises as duplicates.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import structlog

from core import contract, topics
from core.events import Event
from core.manifest import Manifest
from core.normalize import normalize
from core.outcome import Reject
from streams.metrics import RECORDS, REJECTS
from streams.outlet import Item, Message, Outlet
from streams.transport import Batch
from wire import deadletters
from wire.codec import Codec
from wire.envelope import from_record

_log = structlog.get_logger()


class Normalizer:
    """Parses with the connector that the topic is named after."""

    def __init__(self, connectors: Mapping[str, Manifest], codec: Codec, outlet: Outlet) -> None:
        """`connectors` by name; `codec` encodes, `outlet` sends."""
        self._connectors = connectors
        self._codec = codec
        self._outlet = outlet

    async def take(self, batch: Batch) -> None:
        """Process one batch; returns when everything that came of it is acknowledged."""
        manifest = self._connectors[batch.topic.removeprefix(topics.raw(""))]
        events: dict[str, list[Item]] = defaultdict(list)
        letters: list[Message] = []
        received: dict[str, int] = defaultdict(int)
        for record in batch.records:
            for outcome in self._outcomes(manifest, record):
                if isinstance(outcome, Reject):
                    received[manifest.name] += 1
                    letters.append(self._letter(outcome, manifest.name, batch, record))
                else:
                    received[outcome.source] += outcome.type not in contract.PLATFORM
                    item = (contract.key(outcome), self._codec.encode(outcome))
                    events[outcome.type].append(item)
        for event_type, items in events.items():
            await self._outlet.send(topics.city(event_type), items)
        if letters:
            await self._outlet.send_messages(topics.DEADLETTER, letters)
        for source, count in received.items():
            RECORDS.labels(source, "received").inc(count)

    def _outcomes(self, manifest: Manifest, record: Any) -> Iterator[Event | Reject]:
        raw = from_record(record.value, record.headers)
        if isinstance(raw, Reject):
            yield raw
        else:
            yield from normalize(manifest, raw)

    def _letter(self, reject: Reject, connector: str, batch: Batch, record: Any) -> Message:
        RECORDS.labels(connector, "rejected").inc()
        REJECTS.labels(connector, reject.reason.value).inc()
        _log.warning(
            "rejected",
            connector=connector,
            reason=reject.reason.value,
            detail=reject.detail,
            topic=batch.topic,
            partition=batch.partition,
            offset=record.offset,
        )
        return deadletters.record(
            reject,
            connector=connector,
            topic=batch.topic,
            partition=batch.partition,
            offset=record.offset,
            at=time.time_ns() // 1000,
        )
