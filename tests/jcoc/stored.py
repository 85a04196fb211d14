"""A log of city events and what was published of it, as commands read them from Kafka."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from core import topics
from jcoc.reach import wait_for
from tests.audit.city import Log
from wire.clock import CUT
from wire.codec import Codec
from wire.config import Kafka
from wire.registry import FakeRegistry, ensure_schemas

Records = list[tuple[int, bytes]]
"""Offset and value of each record of `kpi.published`."""


@dataclass
class Stored:
    """A log in Kafka; `late` was published after the first look."""

    log: Log
    codec: Codec
    records: Records
    late: Sequence[tuple[int, bytes]] = ()
    without: str = ""
    verdicts: Sequence[tuple[int, bytes]] | None = None
    """Of `tri.verdict`; None: those of the log."""

    async def read(self, _kafka: Kafka, names: list[str], **more: Any) -> AsyncIterator[Any]:
        for record in self.found(names, more):
            yield record

    def found(self, names: list[str], more: dict[str, Any]) -> Iterator[Any]:
        if topics.VERDICTS in names:
            told = self.log.verdicts if self.verdicts is None else self.verdicts
            return (SimpleNamespace(partition=0, offset=o, value=v) for o, v in told)
        return self.published(more) if topics.PUBLISHED in names else self.city(names)

    def published(self, more: dict[str, Any]) -> Iterator[Any]:
        for offset, value in self.late if more.get("begin") else self.records:
            yield SimpleNamespace(partition=0, offset=offset, value=value)

    def city(self, names: list[str]) -> Iterator[Any]:
        assert set(names) >= {topic for topic, _ in self.log.records}
        for (topic, partition), found in self.log.records.items():
            for offset, (event, cut) in enumerate(found):
                if topic != topics.city(self.without):
                    yield SimpleNamespace(
                        topic=topic, partition=partition, offset=offset,
                        value=self.codec.encode(event),
                        headers=((CUT, json.dumps(cut).encode()),),
                    )  # fmt: skip

    async def end_offsets(self, _kafka: Kafka, names: list[str]) -> dict[tuple[str, int], int]:
        every = [(name, number) for name in names for number in range(self.log.partitions)]
        return {where: len(self.log.records.get(where, ())) for where in every}


class Registered:
    """A registry that is there while it is asked."""

    def __init__(self, registry: FakeRegistry) -> None:
        self.registry = registry

    async def __aenter__(self) -> FakeRegistry:
        return self.registry

    async def __aexit__(self, *_: object) -> None: ...


def city_registry() -> tuple[Registered, Codec]:
    """A registry with every schema, and the codec that writes with them."""
    registry = FakeRegistry()
    return Registered(registry), Codec(wait_for(ensure_schemas(registry)), registry)
