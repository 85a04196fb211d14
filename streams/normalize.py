"""The normalize stage: raw payloads to canonical events, or to the dead letters.

It keeps no state: a batch that is processed again after a crash gives the same events with the
same ids, which the fold recognises as duplicates.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import structlog

from core import topics
from core.bulk import Rows
from core.manifest import Manifest
from core.normalize import normalize, normalize_bulk
from core.outcome import Reject
from streams.harvest import Harvest, Refused
from streams.metrics import RECORDS, REJECTS
from streams.outlet import Parcels
from streams.transport import Batch
from wire import deadletters, raw_records
from wire.bulk_writer import Writer
from wire.codec import Codec
from wire.envelope import from_record

_log = structlog.get_logger()


class Deliverer(Protocol):
    """What the stage sends with."""

    async def partitions(self, topic: str) -> Sequence[int]:
        """The partitions of a topic, ascending."""

    async def deliver(self, parcels: Parcels) -> None:
        """Send everything; returns when all of it is acknowledged."""


class Normalizer:
    """Parses with the connector that the topic is named after."""

    def __init__(self, connectors: Mapping[str, Manifest], codec: Codec, outlet: Deliverer) -> None:
        """`connectors` by name; `codec` knows the schema ids, `outlet` sends."""
        self._connectors = connectors
        self._codec = codec
        self._outlet = outlet
        self._writer = Writer()

    async def take(self, batch: Batch) -> None:
        """Process one batch; returns when everything that came of it is acknowledged."""
        await (await self.start(batch))

    async def start(self, batch: Batch) -> asyncio.Task[None]:
        """Process one batch; await the result until everything is acknowledged.

        Batches of a partition are to be started in their order; then what came of them goes out
        in that order, too.
        """
        manifest = self._connectors[batch.topic.removeprefix(topics.raw(""))]
        harvest = Harvest()
        if manifest.bulk is None:
            self._one_by_one(manifest, batch, enumerate(batch.records), harvest)
        else:
            await self._in_columns(manifest, batch, harvest)
        partitions = {topic: await self._outlet.partitions(topic) for topic in harvest.topics()}
        _tell(manifest.name, batch, harvest.refused)
        parcels = harvest.parcels(partitions, self._codec.id_of, self._writer)
        return asyncio.create_task(self._out(parcels, dict(harvest.received)))

    async def _out(self, parcels: Parcels, received: Mapping[str, int]) -> None:
        await self._outlet.deliver(parcels)
        for source, count in received.items():
            RECORDS.labels(source, "received").inc(count)

    async def _in_columns(self, manifest: Manifest, batch: Batch, harvest: Harvest) -> None:
        begin = 0
        for group in raw_records.groups(batch.chunks):
            try:
                found = raw_records.read(group, batch.start)
            except raw_records.Malformed:
                records = [record for chunk, _ in group for record in chunk.records()]
                wanted = [record for record in records if record.offset >= batch.start]
                self._one_by_one(manifest, batch, enumerate(wanted, begin), harvest)
                begin += len(wanted)
                continue
            columns = normalize_bulk(manifest, found.bulk)
            for rows in columns.events:
                numbers = found.numbers[rows.numbers] + begin
                harvest.rows(Rows(rows.type, numbers, rows.columns))
            left = np.ones(len(found), bool)
            left[found.numbers] = False
            left[found.numbers[columns.left]] = True
            rest = ((begin + n, found.record(n)) for n in np.flatnonzero(left).tolist())
            self._one_by_one(manifest, batch, rest, harvest)
            begin += len(found)
            # Others have work to do, too: the sender above all.
            await asyncio.sleep(0)

    def _one_by_one(
        self,
        manifest: Manifest,
        batch: Batch,
        records: Iterable[tuple[int, Any]],
        harvest: Harvest,
    ) -> None:
        for number, record in records:
            raw = from_record(record.value, record.headers)
            outcomes = [raw] if isinstance(raw, Reject) else normalize(manifest, raw)
            for outcome in outcomes:
                if isinstance(outcome, Reject):
                    letter = _letter(outcome, manifest.name, batch, record.offset)
                    harvest.letter(manifest.name, letter)
                    harvest.refuse(outcome, record.offset)
                else:
                    harvest.event(number, outcome)


def _letter(
    reject: Reject, connector: str, batch: Batch, offset: int
) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    return deadletters.record(
        reject,
        connector=connector,
        topic=batch.topic,
        partition=batch.partition,
        offset=offset,
        at=time.time_ns() // 1000,
    )


def _tell(connector: str, batch: Batch, refused: Mapping[str, Refused]) -> None:
    """One line a reason: a source that sends nothing but nonsense must not fill the log, too."""
    for reason, found in refused.items():
        RECORDS.labels(connector, "rejected").inc(found.count)
        REJECTS.labels(connector, reason).inc(found.count)
        _log.warning(
            "rejected",
            connector=connector,
            reason=reason,
            count=found.count,
            topic=batch.topic,
            partition=batch.partition,
            first_offset=found.offset,
            first_detail=found.detail,
        )
