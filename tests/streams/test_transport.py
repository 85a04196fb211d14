"""A partition may move while its batch is in work: that is no mistake of ours."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.errors import IllegalStateError
from faust.types.tuples import TP

from streams.transport import BatchConsumer
from tests.streams.paper import batch


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
