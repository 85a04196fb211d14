"""The edge against a real broker: what is killed goes on, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from core import topics
from core.outcome import Halt, Retry
from edge.cursor import saved_cursors
from edge.sink import KafkaSink, Record
from edge.webhook import Receiver
from jcoc.stack.local import LocalStack
from tests.edge.numbered import connect
from tests.edge.sources import NOON, edge, pushed
from tests.edge.test_webhook import post, signed
from wire.config import Kafka
from wire.envelope import from_record
from wire.producer import producer
from wire.reader import read
from wire.topics import Topic, create

pytestmark = pytest.mark.stack

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def kafka(stack: LocalStack) -> Kafka:
    return Kafka(stack.bootstrap)


@pytest.fixture
def name() -> str:
    return f"n{uuid4().hex[:12]}"


async def bodies(kafka: Kafka, name: str) -> list[bytes]:
    return [record.value async for record in read(kafka, [topics.raw(name)])]


def sink(kafka: Kafka) -> KafkaSink:
    return KafkaSink(partial(producer, kafka, patience_s=0))


async def test_an_acknowledged_record_can_be_read(kafka: Kafka, name: str) -> None:
    await create(kafka, [Topic(topics.raw(name), 4)])
    writer = sink(kafka)
    await writer.send(Record(topics.raw(name), b"one", b"key", (("h-topic", b"t"),)))
    await writer.close()
    (record,) = [record async for record in read(kafka, [topics.raw(name)])]
    assert (record.key, record.value, record.headers) == (b"key", b"one", (("h-topic", b"t"),))


async def test_a_record_over_the_limit_of_the_broker_is_a_halt(kafka: Kafka, name: str) -> None:
    await create(kafka, [Topic(topics.raw(name), 4)])
    writer = sink(kafka)
    with pytest.raises(Halt, match=r"TooLarge"):
        await writer.send(Record(topics.raw(name), os.urandom(3_000_000)))
    await writer.send(Record(topics.raw(name), b"goes on"))
    await writer.close()
    assert await bodies(kafka, name) == [b"goes on"]


async def test_a_broker_that_is_away_is_weather(free_port: object) -> None:
    assert callable(free_port)
    writer = sink(Kafka(f"127.0.0.1:{free_port()}"))
    for _ in range(2):
        with pytest.raises(Retry):
            await writer.send(Record("raw.x", b"1"))
    await writer.close()


async def test_a_pushed_body_is_in_kafka_when_204_is_answered(kafka: Kafka) -> None:
    await create(kafka, [Topic(topics.raw("test"), 4)])
    writer = sink(kafka)
    body = f'{{"id": "{uuid4()}"}}'.encode()
    receiver = Receiver({"test": pushed(edge(writer))})
    status, _, _ = await post(receiver, body, signed(body))
    found = [one async for one in read(kafka, [topics.raw("test")]) if one.value == body]
    await writer.close()
    assert status == 204
    assert [from_record(one.value, one.headers).received_at for one in found] == [NOON]  # type: ignore[union-attr]  # a Reject has none and fails the test


async def run_until_killed(kafka: Kafka, registry: str, name: str, count: int, after: int) -> None:
    """Start the connector as a process and kill it after `after` kept cursors, or let it end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.edge.numbered", kafka.bootstrap, registry, name, str(count),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    for _ in range(after):
        await process.stdout.readline()
    if after:
        process.send_signal(signal.SIGKILL)
    await process.stdout.read()
    assert await process.wait() == (-signal.SIGKILL if after else 0)


async def test_a_killed_connector_goes_on_where_it_was_with_no_loss(
    stack: LocalStack, kafka: Kafka, name: str
) -> None:
    for after in (5, 5, 0):
        await run_until_killed(kafka, stack.registry_url, name, count=300, after=after)
    seen = Counter(int(body) for body in await bodies(kafka, name))
    assert sorted(seen) == list(range(1, 301))
    # Twice comes only what was out at a kill: at most what lies between two cursors.
    assert seen.total() <= 300 + 2 * 20
    assert (await saved_cursors(kafka))[name] == "300"


async def test_a_broker_killed_in_the_middle_holds_the_source_back_and_loses_nothing(
    tmp_path: Path, name: str
) -> None:
    with LocalStack(tmp_path) as own:
        own.start({"kafka"})
        kafka = Kafka(own.bootstrap)
        working = asyncio.create_task(connect(kafka, "", name, 2_000))
        for _ in range(2):
            await more_have_arrived(kafka, name)
            assert not working.done()
            await asyncio.to_thread(own.stop, {"kafka"}, kill9=True)
            await asyncio.sleep(0.5)  # the source goes on into the silence
            own.start({"kafka"})
        await working
        seen = {int(body) for body in await bodies(kafka, name)}
    assert seen == set(range(1, 2_001))


async def more_have_arrived(kafka: Kafka, name: str) -> None:
    known = len(await bodies_so_far(kafka, name))
    while len(await bodies_so_far(kafka, name)) <= known:  # noqa: ASYNC110 - asks the broker
        await asyncio.sleep(0.05)


async def bodies_so_far(kafka: Kafka, name: str) -> list[bytes]:
    try:
        return await bodies(kafka, name)
    except (Halt, Retry):
        return []  # the topic is not there yet, or the broker is on its way
