"""Every topic of the backbone with its configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from core import contract, topics
from core.join import JOINS
from core.outcome import Halt, Retry
from wire.config import Kafka
from wire.patience import patiently, weather
from wire.producer import LARGEST_BYTES
from wire.reader import partitions

RAW_RETENTION_MS = 30 * 24 * 3600 * 1000
"""30 days: long enough to normalize again after a fault; the canonical events stay for ever."""
FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
"""Retention counts from the record's timestamp, the time of writing, not from event time."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it must exist."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=lambda: FOR_EVER)
    chosen: bool = False
    """Whether `kafka.partitions` says how many partitions it has."""


def keyed(name: str, partitions: int, config: Mapping[str, str] = FOR_EVER) -> Topic:
    """A topic with as many partitions as the deployment chose."""
    return Topic(name, partitions, config, chosen=True)


def plan(connectors: Iterable[str], partitions: int) -> tuple[Topic, ...]:
    """Every topic that the backbone needs, for these connectors; keyed ones with `partitions`."""
    thirty_days = {"cleanup.policy": "delete", "retention.ms": str(RAW_RETENTION_MS)}
    letters = {**FOR_EVER, "max.message.bytes": str(LARGEST_BYTES)}
    raw = (keyed(topics.raw(name), partitions, thirty_days) for name in connectors)
    city = (keyed(topics.city(name), partitions) for name in contract.types())
    return (
        *raw,
        *city,
        # One partition: the publisher merges the shares of all partitions of a cell, so it needs
        # them in one order; shares are written per cell and tick, far fewer than events.
        Topic(topics.PARTIALS, 1),
        # One partition: the order of publication is the order of the log.
        Topic(topics.PUBLISHED, 1),
        Topic(topics.LATE, 1),
        Topic(topics.RESTATED, 1),
        Topic(topics.RECOMPUTED, 1),
        Topic(topics.VERDICTS, 1),
        Topic(topics.DEADLETTER, 1, letters),
        Topic(topics.CURSORS, 1, {"cleanup.policy": "compact"}),
        Topic(topics.CLAIMS, JOINS),
    )


async def ensure(
    kafka: Kafka,
    connectors: Iterable[str],
    *,
    replication: int = 1,
    patience_s: float | None = 30.0,
) -> None:
    """Create what is missing of `plan` and return when all of it is visible; see `create`."""
    wanted = plan(connectors, kafka.partitions)
    await create(kafka, wanted, replication=replication, patience_s=patience_s)


async def create(
    kafka: Kafka,
    wanted: Iterable[Topic],
    *,
    replication: int = 1,
    patience_s: float | None = 30.0,
) -> None:
    """Create the missing topics; may be repeated and may run in several processes at once.

    Existing topics keep their configuration.  Raises Halt when one has another number of
    partitions (keys would move between tasks), Retry when the broker stays away.
    """
    needed = {topic.name: topic for topic in wanted}

    async def settle() -> None:
        found = await partitions(kafka)
        missing = [topic for name, topic in needed.items() if name not in found]
        if missing:
            await _create(kafka, missing, replication)
            raise Retry(f"{len(missing)} topics are not visible yet")
        for topic in needed.values():
            _compare(topic, len(found[topic.name]))

    await patiently(settle, patience_s=patience_s)


def _compare(topic: Topic, found: int) -> None:
    if found == topic.partitions:
        return
    if topic.chosen:
        raise Halt(
            f"topic {topic.name} has {found} partitions, kafka.partitions is {topic.partitions}: "
            f"set JCOC_KAFKA__PARTITIONS={found}, or use another cluster for another number, "
            "because keys would move between tasks"
        )
    raise Halt(
        f"topic {topic.name} has {found} partitions, the backbone needs {topic.partitions}: "
        "recreate the topic or use another cluster"
    )


async def _create(kafka: Kafka, missing: list[Topic], replication: int) -> None:
    # Two copies must hold a record before it counts as written, where there are three.
    copies = {"min.insync.replicas": str(max(1, replication - 1))}
    requests = [
        NewTopic(
            name=topic.name,
            num_partitions=topic.partitions,
            replication_factor=replication,
            topic_configs={**topic.config, **copies},
        )
        for topic in missing
    ]
    admin = AIOKafkaAdminClient(**kafka.client())
    try:
        await admin.start()
        async with asyncio.timeout(30):
            answer = await admin.create_topics(requests)
        _check(answer.topic_errors)
    except (KafkaError, OSError, TimeoutError) as error:
        raise weather(error, f"creating topics at {kafka.bootstrap}") from error
    finally:
        await admin.close()


def _check(outcomes: Iterable[tuple[str, int, str | None]]) -> None:
    for name, code, message in outcomes:
        kind = for_code(code)
        if code and not issubclass(kind, TopicAlreadyExistsError):
            raise kind(f"{name}: {message}")
