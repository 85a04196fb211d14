"""The topics of the backbone, made once, as they must be."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from core import contract, topics
from core.outcome import Halt, Reason, Reject, Retry
from wire import deadletters
from wire.config import Kafka
from wire.producer import producer
from wire.reader import partitions
from wire.topics import Topic, create, ensure, keyed, plan


async def configuration(kafka: Kafka, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(**kafka.client())
    await admin.start()
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    await admin.close()
    return {entry[0]: entry[1] for entry in answer.resources[0][4]}


def test_every_event_type_has_its_topic() -> None:
    planned = {topic.name: topic.partitions for topic in plan([], 7)}
    assert {topics.city(name) for name in contract.types()} <= planned.keys()
    assert planned[topics.city("clock.tick")] == 7
    assert planned[topics.PUBLISHED] == 1


def test_every_connector_has_its_raw_topic() -> None:
    assert topics.raw("frigate") in {topic.name for topic in plan(["frigate"], 4)}


def test_what_decides_or_proves_a_number_is_kept_for_ever() -> None:
    mortal = {
        topic.name for topic in plan(["frigate"], 4) if topic.config.get("retention.ms") != "-1"
    }
    assert mortal == {topics.raw("frigate"), topics.CURSORS}


@pytest.mark.stack
async def test_ensuring_twice_and_at_once_is_ensuring(kafka: Kafka) -> None:
    name = f"c{uuid4().hex}"
    await asyncio.gather(ensure(kafka, [name]), ensure(kafka, [name]))
    await ensure(kafka, [name])
    found = await partitions(kafka)
    assert {topic.name: topic.partitions for topic in plan([name], kafka.partitions)}.items() <= {
        topic: len(numbers) for topic, numbers in found.items()
    }.items()


@pytest.mark.stack
async def test_the_broker_holds_the_planned_configuration(kafka: Kafka) -> None:
    await ensure(kafka, [])
    for topic in plan([], kafka.partitions):
        found = await configuration(kafka, topic.name)
        assert topic.config.items() <= found.items()


@pytest.mark.stack
async def test_another_number_of_partitions_halts(kafka: Kafka, topic: str) -> None:
    with pytest.raises(Halt, match="has 4 partitions, the backbone needs 1"):
        await create(kafka, [Topic(topic, 1)])
    with pytest.raises(Halt, match=r"kafka.partitions is 8: set JCOC_KAFKA__PARTITIONS=4"):
        await create(kafka, [keyed(topic, 8)])


@pytest.mark.stack
async def test_the_largest_record_fits_the_dead_letters_with_its_story(kafka: Kafka) -> None:
    await ensure(kafka, [])
    largest = Reject(Reason.INVALID, "x" * 9_000, bytes(range(256)) * 4096)
    key, value, headers = deadletters.record(
        largest, connector=f"test-{uuid4().hex}", topic="raw.test", partition=0, offset=0, at=0
    )
    async with producer(kafka, linger_ms=0) as sender:
        assert await sender.send_and_wait(topics.DEADLETTER, value, key, headers=headers)


async def test_without_a_broker_ensuring_is_a_retry() -> None:
    with pytest.raises(Retry):
        await ensure(Kafka("127.0.0.1:9"), [], patience_s=0)
