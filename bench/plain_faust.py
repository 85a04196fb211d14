"""The fold job as Faust's documentation would do it: one event at a time, a table, its changelog.

`python -m bench.plain_faust --bootstrap ... --group ... --topic ... --out ...`

Ticks stand in the same topic as the events, in every partition, so the agent closes by exactly
the same clock as the backbone's worker without having to align two topics.  It does less than
the worker: event ids are not remembered (a resend would count twice), late events are not told
apart, old minutes are never forgotten, and no KPI is computed.

Set for throughput: the Cython streams that come built in the wheel, a larger stream buffer and
larger polls, a producer with larger, compressed batches, and commits by time alone; see `MAKES`.
`producer_linger` stays 0: Faust holds its agent back while more than 100 sends are open, so
waiting for fuller batches made it slower when it was tried (50 ms).
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from collections import defaultdict
from typing import Any

import click
import fastavro
import faust

from core import contract, topics
from core.detections import TYPE
from core.moment import MINUTE

LEAST_CONFIDENCE = 0.1
FIRST = "first_event"
MAKES = {
    "stream_buffer_maxsize": 16_384,
    "broker_max_poll_records": 20_000,
    "broker_commit_interval": 1.0,
    "broker_commit_every": 100_000,
    "producer_max_batch_size": 256 * 1024,
    "producer_compression_type": "lz4",
}
"""Settings of the app that differ from Faust's defaults and bear on speed."""


def changelog(group: str) -> str:
    """The topic that Faust keeps the table in."""
    return f"{group}-cells-changelog"


def app_of(group: str, bootstrap: str, datadir: str) -> Any:
    """A Faust app with the settings of every measurement."""
    return faust.App(
        group,
        broker=[f"kafka://{bootstrap}"],
        datadir=datadir,
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=topics.PARTITIONS,
        consumer_auto_offset_reset="earliest",
        **MAKES,
    )


def build(bootstrap: str, group: str, topic: str, out: str, datadir: str, tick_schema: int) -> Any:
    """The app: one agent, one table."""
    app = app_of(group, bootstrap, datadir)
    events = app.topic(topic, key_type=bytes, value_type=bytes, key_serializer="raw",
                       value_serializer="raw")  # fmt: skip
    closed = app.topic(out, key_serializer="raw", value_serializer="raw")
    cells = app.Table("cells", partitions=topics.PARTITIONS)
    schema = contract.parse_writer(contract.schema_text(TYPE))
    tick = contract.frame(tick_schema, b"")
    changed: dict[int, set[str]] = defaultdict(set)
    rejected: dict[int, int] = defaultdict(int)

    async def close(partition: int, until: int) -> None:
        done = {key for key in changed[partition] if (int(key.split("|")[0]) + 1) * MINUTE <= until}
        changed[partition] -= done
        sent = [
            await closed.send(key=key.encode(), value=json.dumps([until, *cells[key]]).encode())
            for key in done
        ]
        count = str(rejected[partition]).encode()
        sent.append(await closed.send(key=f"rejected|{partition}".encode(), value=count))
        await asyncio.gather(*sent)

    async def fold(stream: Any) -> None:
        first = True
        async for event in stream.events():
            if first:
                first = False
                sys.stderr.write(f"{FIRST} {time.time()}\n")
                sys.stderr.flush()
            value = event.value
            partition = event.message.partition
            if value.startswith(tick):
                at = contract.decode(topics.TICK, value[contract.FRAME_BYTES :]).occurred_at
                await close(partition, at)
                continue
            body = io.BytesIO(value[contract.FRAME_BYTES :])
            seen: Any = fastavro.schemaless_reader(body, schema, None)
            confidence = seen["confidence"]
            if confidence is not None and confidence < LEAST_CONFIDENCE:
                rejected[partition] += 1
                continue
            key = f"{seen['occurred_at'] // MINUTE}|{seen['camera_id']}|{seen['label']}"
            total, count, best = cells.get(key) or (0, 0, 0.0)
            cells[key] = [total + seen["count"], count + 1, max(best, confidence or 0.0)]
            changed[partition].add(key)

    app.agent(events, name="fold")(fold)
    return app


@click.command()
@click.option("--bootstrap", required=True)
@click.option("--group", required=True)
@click.option("--topic", required=True)
@click.option("--out", required=True)
@click.option("--datadir", required=True)
@click.option("--tick-schema", type=int, required=True)
def main(bootstrap: str, group: str, topic: str, out: str, datadir: str, tick_schema: int) -> None:
    """Run until stopped."""
    app = build(bootstrap, group, topic, out, datadir, tick_schema)
    worker = faust.Worker(app, loglevel="WARN", redirect_stdouts=False, debug=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
