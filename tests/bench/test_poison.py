"""Poison is unreadable for the contract, and is noted where it is written."""

from __future__ import annotations

import pyarrow as pa
import pytest

from bench.detections import EVEN
from bench.loading import DETECTED
from bench.scale import poison
from bench.scale.feed import Feed
from core.detections import TYPE
from core.outcome import Reject
from wire.codec import Codec
from wire.config import Kafka
from wire.registry import FakeRegistry

ID = 7


@pytest.mark.parametrize("what", poison.kinds(ID))
async def test_nobody_can_read_it(what: str) -> None:
    found = await Codec({TYPE: ID}, FakeRegistry()).decode(TYPE, poison.kinds(ID)[what])
    assert isinstance(found, Reject)


def test_every_so_many_th_record_of_a_partition_is_noted_with_its_offset() -> None:
    feed = Feed(Kafka("nowhere"), {TYPE: ID}, EVEN, partitions=4, poison_every=4)
    written: list[bytes] = []
    for size in (5, 1, 7):
        keys, values = pa.array(["k"] * size), pa.array([b"good"] * size, pa.binary())
        _, made = feed._poisoned(keys, values, 2)
        feed.fed.records[2] += len(made)
        written += made.to_pylist()
    bad = [offset for offset, value in enumerate(written) if value != b"good"]
    assert bad == [3, 7, 11, 15]
    assert list(feed.fed.poison) == [f"{DETECTED}/2/{offset}" for offset in bad]
    assert written.count(b"good") == 13
