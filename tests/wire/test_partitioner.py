"""A key goes to the partition that aiokafka's own producer would choose."""

from __future__ import annotations

import pyarrow as pa
import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from wire.partitioner import partition_of, partitions_of

KEYS = st.lists(st.text(st.characters(codec="utf-8"), max_size=9), max_size=20)
PARTITIONS = st.integers(1, 60).map(lambda count: list(range(count)))


@given(KEYS, PARTITIONS)
def test_as_the_producer_chooses(keys: list[str], partitions: list[int]) -> None:
    chosen = [DefaultPartitioner()(key.encode(), partitions, partitions) for key in keys]
    for kind in (pa.string(), pa.binary()):
        column = pa.array(keys, pa.string()).cast(kind)
        assert partitions_of(column, partitions).tolist() == chosen
    assert [partition_of(key.encode(), partitions) for key in keys] == chosen


def test_no_key_has_no_partition() -> None:
    with pytest.raises(ValueError, match="without a key"):
        partitions_of(pa.array([b"k", None], pa.binary()), [0, 1])
