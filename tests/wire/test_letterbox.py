"""Events go by their key, tables to every partition."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from core import topics
from core.events import Event
from tests.core.stories import case, loaded, wib
from wire.codec import Codec
from wire.letterbox import post
from wire.registry import FakeRegistry, ensure_schemas


@dataclass
class Sender:
    """Takes what a producer would send."""

    sent: list[tuple[str, bytes | None, int | None]] = field(default_factory=list)

    async def partitions_for(self, _topic: str) -> set[int]:
        return {0, 1, 2}

    async def send(
        self, topic: str, _value: bytes, key: bytes, partition: int | None
    ) -> asyncio.Future[None]:
        self.sent.append((topic, key, partition))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


async def test_each_partition_gets_its_own_copy_of_a_table() -> None:
    registry = FakeRegistry()
    codec = Codec(await ensure_schemas(registry), registry)
    sender: Any = Sender()
    (filed,) = case("1", ("submitted", "2026-11-20T10:00"))
    places: Event = loaded("intersection", wib("2026-11-20T10:00"), "x", places={"s1": (103, -1)})
    assert await post(sender, codec, [filed, places]) == 4
    assert sender.sent[0] == (topics.city("complaint.submitted"), b"1", None)
    table = topics.city("ref.intersection")
    assert sorted(sender.sent[1:]) == [(table, b"x", number) for number in range(3)]
