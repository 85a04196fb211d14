"""Writes a stream into Kafka in columns: all of it before a run, or at a pace during it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import numpy as np
import pyarrow as pa
from aiokafka import AIOKafkaProducer

from bench.detections import Minute, Shape, camera_id
from bench.loading import DETECTED, partition_of
from bench.place import Tell
from bench.scale import poison
from core.detections import TYPE
from wire.bulk_writer import Writer
from wire.clock import ticker
from wire.config import Kafka
from wire.producer import producer

_WRITER = Writer(limit=256 * 1024)
"""As large before compression as the backbone's own producer makes them."""
_AT_ONCE = 30_000
_SLICES_A_SECOND = 20
_TELL_EVERY = 1_000_000


@dataclass(slots=True)
class Fed:
    """What was written so far: records by partition, the poison among them by its origin."""

    records: Counter[int] = field(default_factory=Counter)
    poison: dict[str, str] = field(default_factory=dict)
    """`topic/partition/offset` to what is wrong with it."""
    done: bool = False

    @property
    def largest_share(self) -> float:
        """Part of all records that the fullest partition holds."""
        return max(self.records.values()) / self.records.total()


class Feed:
    """Writes to the detections' topic, which is empty, and its ticks."""

    def __init__(
        self,
        kafka: Kafka,
        ids: Mapping[str, int],
        shape: Shape,
        *,
        partitions: int,
        poison_every: int = 0,
        rate: int | None = None,
    ) -> None:
        """Every `poison_every`-th record of a partition is one that nobody can read.

        With a `rate` (events a second) the first minute comes at once, the rest at that pace.
        """
        self.fed = Fed()
        self._kafka = kafka
        self._ids = ids
        self._every = poison_every
        self._rate = rate
        self._poison = cycle(poison.kinds(ids[TYPE]).items())
        keys = [camera_id(number).encode() for number in range(shape.cameras)]
        self._home = np.array([partition_of(key, partitions) for key in keys])

    async def write(
        self,
        stream: Iterable[Minute],
        tell: Tell,
        go: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """Returns when all is acknowledged; `go` is awaited after the first minute."""
        size = max(1, self._rate // _SLICES_A_SECOND) if self._rate else _AT_ONCE
        begun, written, told = 0.0, 0, 0
        async with (
            producer(self._kafka, linger_ms=0) as sender,
            ticker(self._kafka, self._ids, "bench") as clock,
        ):
            for number, minute in enumerate(stream):
                if number == 1 and go is not None:
                    await go()
                    begun, written = time.monotonic(), 0
                for part in minute.parts(size):
                    if self._rate and number:
                        await _until(begun + written / self._rate)
                    await self._write(sender, part)
                    written += len(part)
                await clock.tick(minute.end)
                if self.fed.records.total() // _TELL_EVERY > told:
                    told = self.fed.records.total() // _TELL_EVERY
                    tell(f"{told} million events written")
        self.fed.done = True

    async def _write(self, sender: AIOKafkaProducer, part: Minute) -> None:
        made = await asyncio.to_thread(lambda: list(self._batches(part)))
        futures = [
            await sender.send_batch(batch, DETECTED, partition=partition)
            for partition, batches in made
            for batch in batches
        ]
        await asyncio.gather(*futures)

    def _batches(self, part: Minute) -> Iterator[tuple[int, list[Any]]]:
        keys, values = part.keys(), part.values(self._ids[TYPE])
        home = self._home[part.camera]
        for partition in np.unique(home).tolist():
            places = pa.array(np.flatnonzero(home == partition))
            own = keys.take(places), values.take(places)
            if self._every:
                own = self._poisoned(*own, partition)
            self.fed.records[partition] += len(own[0])
            yield partition, _WRITER.values(*own)

    def _poisoned(self, keys: pa.Array, values: pa.Array, partition: int) -> tuple[Any, Any]:
        """The same with poison before every `_every`-th record; it is noted where."""
        offset = self.fed.records[partition]
        named: list[str] = []
        framed: list[bytes] = []
        for key, value in zip(keys.to_pylist(), values.to_pylist(), strict=True):
            if (offset + len(named)) % self._every == self._every - 1:
                what, bad = next(self._poison)
                self.fed.poison[f"{DETECTED}/{partition}/{offset + len(named)}"] = what
                named.append(key)
                framed.append(bad)
            named.append(key)
            framed.append(value)
        return pa.array(named), pa.array(framed, pa.binary())


async def _until(due: float) -> None:
    await asyncio.sleep(max(0.0, due - time.monotonic()))
