"""A partition may move while its batch is in work: that is no mistake of ours."""

from __future__ import annotations

import gc
import struct
import weakref
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.errors import IllegalStateError
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from faust.types.tuples import TP

from streams.transport import BatchConsumer, _Fetches, fetch_wait_ms
from tests.streams.paper import batch


@pytest.mark.parametrize(("quiet_s", "partitions", "wait"), [
    pytest.param(0.0, 240, 20, id="something came"),
    pytest.param(0.05, 240, 50, id="as long as nothing came"),
    pytest.param(60.0, 240, 120, id="nothing for long"),
    pytest.param(60.0, 4, 20, id="of few partitions it costs nothing to ask"),
])  # fmt: skip
def test_who_hears_nothing_asks_less_often(quiet_s: float, partitions: int, wait: int) -> None:
    assert fetch_wait_ms(quiet_s, partitions) == wait


def test_what_came_is_remembered_as_news() -> None:
    fetches = _Fetches()
    assert fetches.newest == 0.0
    fetches[TP("t", 0)] = object()
    assert fetches.newest > 0.0


class Moved(BatchConsumer):
    """Answers as aiokafka does when the partition is not assigned."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.sought: list[Any] = []

    def highwater(self, _tp: TP) -> int:
        if self.error:
            raise self.error
        return 10

    async def seek(self, partition: TP, offset: int) -> None:
        if self.error:
            raise self.error
        self.sought.append((partition, offset))


ERRORS = [AssertionError("Partition is not assigned"), IllegalStateError("No assignment")]


def test_what_is_left_is_counted_from_the_end_of_the_batch() -> None:
    assert Moved(None).left(batch("t", 0, 3, "a", "b")) == 5


@pytest.mark.parametrize("error", ERRORS)
def test_nothing_is_known_of_a_partition_that_moved(error: Exception) -> None:
    assert Moved(error).left(batch("t", 0, 3, "a")) is None


async def test_a_hole_is_read_again() -> None:
    consumer = Moved(None)
    await consumer.read_again(TP("t", 0), 5)
    assert consumer.sought == [(TP("t", 0), 5)]


@pytest.mark.parametrize("error", ERRORS)
async def test_a_hole_of_a_partition_that_moved_is_not_ours_to_read(error: Exception) -> None:
    consumer = Moved(error)
    await consumer.read_again(TP("t", 0), 5)
    assert consumer.sought == []


def written(base: int, values: list[bytes]) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 2**16)
    for number, value in enumerate(values):
        builder.append(number, 0, None, value, [])
    return struct.pack(">q", base) + bytes(builder.build())[8:]


@pytest.mark.parametrize("taken", [0, 1, 2, 3])
def test_what_was_fetched_goes_when_it_is_taken_or_dropped(taken: int) -> None:
    # Megabytes that wait for the collector of cycles are megabytes too many.
    records: Any = fetcher.MemoryRecords(written(5, [b"a", b"b"]) + written(7, [b"c"]))
    parsed: Any = fetcher.PartitionRecords(TP("t", 0), records, [], 6, None, None, True, 0)
    fetched: Any = fetcher.FetchResult(
        TP("t", 0), assignment=None, partition_records=parsed, backoff=0
    )
    here = _Fetches()
    gone = [weakref.ref(records), weakref.ref(parsed)]
    gc.disable()
    try:
        here[TP("t", 0)] = fetched
        del records, parsed
        chunks = fetched._partition_records
        found = [next(chunks, None) for _ in range(taken)]
        gone.append(weakref.ref(chunks))
        del here[TP("t", 0)], fetched, chunks
        assert [ref() for ref in gone] == [None, None, None]
    finally:
        gc.enable()
    offsets = [(one[0], one[1].next_offset) if one else None for one in found]
    assert offsets == [(6, 7), (7, 8), None][:taken]
