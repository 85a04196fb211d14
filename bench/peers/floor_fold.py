"""A floor for aiokafka: `getmany`, fastavro and a dictionary.  No framework, and no state.

What it folded is lost with the process: nothing is kept that a restart could go on from, while
the offsets are committed all the same.  It shows what reading and decoding one event at a time
costs in Python; it is not a way to do the job.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.peers.cells import Cells
from bench.peers.options import FIRST, options, say

CONSUMER: dict[str, Any] = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "fetch_max_wait_ms": 50,
    "max_partition_fetch_bytes": 4 * 1024 * 1024,
}
PRODUCER: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "lz4",
    "linger_ms": 20,
    "max_batch_size": 256 * 1024,
}
POLL = {"timeout_ms": 200, "max_records": 20_000}
COMMIT_S = 1.0
SETTINGS = {**CONSUMER, **PRODUCER, **POLL, "commit_interval_s": COMMIT_S}


async def main() -> None:
    """Run until stopped."""
    told = options()
    consumer = AIOKafkaConsumer(
        told.topic, bootstrap_servers=told.bootstrap, group_id=told.group, **CONSUMER
    )
    producer = AIOKafkaProducer(bootstrap_servers=told.bootstrap, **PRODUCER)
    cells: dict[int, Cells] = {}
    said = time.monotonic()
    async with consumer, producer:
        while True:
            got = await consumer.getmany(**POLL)
            if got and not cells:
                say(FIRST)
            waiting = []
            for where, records in got.items():
                of = cells.setdefault(where.partition, Cells(where.partition, told.tick_schema))
                for record in records:
                    for key, value in of.fold(record.value):
                        waiting.append(await producer.send(told.out, value, key))
            await asyncio.gather(*waiting)
            if time.monotonic() - said > COMMIT_S or not got:
                await consumer.commit()
                said = time.monotonic()


if __name__ == "__main__":
    asyncio.run(main())
