"""A floor for aiokafka: `getmany`, msgspec, fastavro, and sends in full batches.  No framework.

Events are gathered by the partition of their key (murmur2, as every client does it) and sent with
`create_batch` and `send_batch`; offsets are committed once a second, after what came of them
is acknowledged.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import murmur2

from bench.peers.floor_fold import COMMIT_S, CONSUMER, POLL, PRODUCER, SETTINGS
from bench.peers.frigate import LETTER, Normalizer
from bench.peers.options import FIRST, options, say

__all__ = ["SETTINGS"]
PARTITIONS = 4
Waiting = dict[tuple[str, int], list[tuple[bytes, bytes, list[tuple[str, bytes]]]]]


async def send(producer: AIOKafkaProducer, waiting: Waiting) -> None:
    """Everything, acknowledged."""
    futures = []
    for (topic, partition), messages in waiting.items():
        batch = producer.create_batch()
        for key, value, headers in messages:
            if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                futures.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None, headers=headers)
        futures.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*futures)


async def main() -> None:
    """Run until stopped."""
    told = options()
    consumer = AIOKafkaConsumer(
        told.topic, bootstrap_servers=told.bootstrap, group_id=told.group, **CONSUMER
    )
    producer = AIOKafkaProducer(bootstrap_servers=told.bootstrap, **{**PRODUCER, "linger_ms": 0})
    normalizer = Normalizer(told.detected_schema, told.annotated_schema)
    homes: dict[bytes, int] = {}
    first, said = True, time.monotonic()
    async with consumer, producer:
        while True:
            got: dict[Any, Any] = await consumer.getmany(**POLL)
            if got and first:
                first = False
                say(FIRST)
            waiting: Waiting = defaultdict(list)
            for records in got.values():
                for record in records:
                    (kind, key, value), reason = normalizer.one(record.value, record.headers)
                    topic = f"{told.out}.{kind}"
                    if kind == LETTER:
                        headers = [("reject-reason", reason.encode())]
                        waiting[topic, 0].append((key, value, headers))
                        continue
                    home = homes.get(key)
                    if home is None:
                        home = homes[key] = (murmur2(key) & 0x7FFFFFFF) % PARTITIONS
                    waiting[topic, home].append((key, value, []))
            await send(producer, waiting)
            if time.monotonic() - said > COMMIT_S or not got:
                await consumer.commit()
                said = time.monotonic()


if __name__ == "__main__":
    asyncio.run(main())
