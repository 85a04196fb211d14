"""A connector process for the tests: sends numbers to Kafka, and may be killed at any moment.

`python -m tests.edge.numbered BOOTSTRAP REGISTRY NAME COUNT` yields 1 to COUNT after the kept
cursor, saves the cursor after every tenth, and leaves when the last is acknowledged.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

from core import contract, topics
from core.manifest import Cursor, Raw
from edge.cursor import saved_cursors
from edge.heartbeat import TYPE, Encode, Heart
from edge.meter import Meter
from edge.runtime import Hooks, run
from edge.sink import KafkaSink
from edge.source import Edge, Source
from tests.edge.sources import KEY, MANIFEST, NOON, Settings
from wire.config import Kafka
from wire.producer import producer
from wire.registry import Registry, ensure_schemas
from wire.topics import Topic, create


async def connect(kafka: Kafka, registry_url: str, name: str, count: int) -> None:
    """Run the connector `name` until its last number is acknowledged."""
    own = Topic(topics.raw(name), topics.PARTITIONS)
    cursors = Topic(topics.CURSORS, 1, {"cleanup.policy": "compact"})
    heartbeats = Topic(topics.city("source.heartbeat"), topics.PARTITIONS)
    await create(kafka, [own, cursors, heartbeats])
    stop = asyncio.Event()

    async def fetch(settings: Any, cursor: Cursor) -> AsyncIterator[Raw]:
        for number in range(int(cursor.value or 0) + 1, count + 1):
            yield Raw(str(number).encode(), NOON)
            if number % 10 == 0:
                await cursor.save(str(number))
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()
        stop.set()
        await asyncio.Event().wait()

    clock = iter(range(NOON, 2 * NOON, 10_000_000))
    sink, meter = KafkaSink(partial(producer, kafka, patience_s=0)), Meter()
    edge = Edge(sink, KEY, meter, Heart(meter, lambda: NOON), lambda: next(clock))
    saved = (await saved_cursors(kafka)).get(name)
    source = Source(replace(MANIFEST, name=name, fetch=fetch), Settings(), edge, saved)
    try:
        encoder = partial(_encoder, registry_url)
        await run(edge, [source], encoder, Hooks("127.0.0.1", 0), stop)
    finally:
        await sink.close()


async def _encoder(registry_url: str) -> Encode:
    """Framed where others read the topic too; without a registry nobody does."""
    if not registry_url:
        return contract.encode
    async with Registry(registry_url) as registry:
        ids = await ensure_schemas(registry, [TYPE])
    return lambda event: contract.frame(ids[TYPE], contract.encode(event))


if __name__ == "__main__":
    asyncio.run(connect(Kafka(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
