"""Which partition a key belongs to, as Kafka's own producers choose it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
from aiokafka.partitioner import murmur2

from wire.avro_sizes import Sizes


def partitions_of(keys: pa.Array, partitions: Sequence[int]) -> Sizes:
    """The partition of each key, text or binary; each distinct key is hashed once.

    `partitions` are those of the topic, ascending.  Raises ValueError for a null key.
    """
    if keys.null_count:
        message = "a record without a key belongs to no partition: name one"
        raise ValueError(message)
    found = keys.dictionary_encode()
    distinct = found.dictionary.cast(pa.binary()).to_pylist()
    chosen = np.array([partitions[_hash(key) % len(partitions)] for key in distinct], np.int64)
    by_row: Sizes = chosen[np.asarray(found.indices)]
    return by_row


def partition_of(key: bytes, partitions: Sequence[int]) -> int:
    """The partition of one key."""
    return partitions[_hash(key) % len(partitions)]


@lru_cache(65_536)
def _hash(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF
