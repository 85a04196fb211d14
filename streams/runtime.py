"""What the agents share: producer, registry, codec; opened on first use in the app's loop."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import structlog

from connectors.registry import discover
from core import topics
from core.join import JOINS
from streams.changelog import Changelog
from streams.fold import FoldTask
from streams.join import JoinTask
from streams.normalize import Normalizer
from streams.outlet import Outlet
from streams.press import Press
from streams.publish import PublishTask
from streams.task import Report
from wire.codec import Codec
from wire.config import Kafka
from wire.producer import producer
from wire.registry import Registry, ensure_schemas
from wire.topics import Topic, create, ensure, keyed

_log = structlog.get_logger()
_COMPACT = {"cleanup.policy": "compact"}


def own_topics(partitions: int) -> tuple[Topic, ...]:
    """Topics that only workers write, beside those of `wire.topics.plan`."""
    return (
        keyed(topics.changelog("fold"), partitions, _COMPACT),
        Topic(topics.changelog("join"), JOINS, _COMPACT),
        Topic(topics.changelog("publish"), 1, _COMPACT),
        keyed(topics.CELLS, partitions),
    )


async def prepare(kafka: Kafka, registry_url: str) -> dict[str, int]:
    """Topics and schemas that a worker needs; the schema ids by event type.

    Afterwards every keyed topic has `kafka.partitions`; raises Halt when one has another number.
    """
    await ensure(kafka, discover(), patience_s=None)
    await create(kafka, own_topics(kafka.partitions), patience_s=None)
    async with Registry(registry_url) as registry:
        return await ensure_schemas(registry)


class Runtime:
    """Opens the way to Kafka and the registry once, and makes tasks."""

    def __init__(
        self,
        kafka: Kafka,
        registry_url: str,
        schema_ids: dict[str, int],
        *,
        group: str = "jcoc-worker",
    ) -> None:
        """`kafka` as `prepare` took it, `schema_ids` as it returned them; `group` as the app's."""
        self._group = group
        self._kafka = kafka
        self._registry_url = registry_url
        self._ids = schema_ids
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._codec: Codec | None = None
        self._outlet: Outlet | None = None
        self._normalizer: Normalizer | None = None

    async def _open(self) -> tuple[Codec, Outlet]:
        async with self._lock:
            if self._codec is None or self._outlet is None:
                registry = await self._stack.enter_async_context(Registry(self._registry_url))
                sender = await self._stack.enter_async_context(producer(self._kafka, linger_ms=2))
                self._codec, self._outlet = Codec(self._ids, registry), Outlet(sender)
            return self._codec, self._outlet

    async def close(self) -> None:
        """Close what was opened."""
        await self._stack.aclose()

    async def normalizer(self) -> Normalizer:
        """The normalizer of this worker."""
        codec, outlet = await self._open()
        if self._normalizer is None:
            self._normalizer = Normalizer(discover(), codec, outlet)
            _log.info("normalize_loaded")
        return self._normalizer

    async def fold_task(self, partition: int, report: Report) -> FoldTask:
        """The fold of a partition, with its state."""
        codec, outlet = await self._open()
        kept = self._changelog("fold", partition, outlet)
        task = FoldTask(partition, codec, outlet, kept, report)
        await task.load()
        return task

    async def join_task(self, partition: int, report: Report) -> JoinTask:
        """The join of a partition, with its state."""
        _, outlet = await self._open()
        kept = self._changelog("join", partition, outlet)
        task = JoinTask(partition, self._kafka.partitions, outlet, kept, report)
        await task.load()
        return task

    async def publish_task(self, partition: int, report: Report) -> PublishTask:
        """The publication, with its state."""
        # First the fence: from here on nobody else adds to what is loaded.
        press = await Press.opened(self._kafka, f"{self._group}-publish-{partition}")
        try:
            task = PublishTask(
                self._kafka, press, Changelog(self._kafka, press, "publish", partition), report
            )
            await task.load()
        except BaseException:
            await press.close()
            raise
        return task

    def _changelog(self, stage: str, partition: int, outlet: Outlet) -> Changelog:
        return Changelog(self._kafka, outlet, stage, partition)
