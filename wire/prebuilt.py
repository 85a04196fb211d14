"""Record batches that are complete before the producer sees them."""

from __future__ import annotations

import struct

import cramjam
from aiokafka.record.util import calc_crc32c

from wire.kafka_layout import BEFORE_LENGTH, HEADER_BYTES

PLAIN, LZ4, ZSTD = 0, 3, 4
"""Compression, as the attributes of a record batch number it."""

_CHECKED = struct.Struct(">hiqqqhii")
"""The end of the header: what the checksum covers, from the attributes on."""
_TRANSACTIONAL = 0x10
_LZ4_LEVEL = 1
"""aiokafka's 9 takes ten times as long for a tenth less."""


class Prebuilt:
    """One record batch that is complete but for its place in the producer's sequence.

    Stands in for aiokafka's `BatchBuilder`.  It may be sent again after it failed: the producer
    gives it a new place then.
    """

    def __init__(
        self,
        records: bytes,
        count: int,
        at_ms: int,
        *,
        codec: int = LZ4,
        transactional: bool = False,
    ) -> None:
        """`records` in Kafka's layout, all of the time `at_ms` (milliseconds since 1970)."""
        self._count = count
        self._at_ms = at_ms
        body = _compressed(records, codec)
        self._body = records if body is None else body
        self._attributes = (0 if body is None else codec) | _TRANSACTIONAL * transactional
        self._place = (-1, -1, -1)
        self._buffer: bytes | None = None

    def append(self, **_message: object) -> None:
        """Tells a producer that wants to add a record that there is no room."""

    def close(self) -> None:
        """It always is."""

    def closed(self) -> bool:
        """Whether no record can be added."""
        return True

    def record_count(self) -> int:
        """How many records it holds."""
        return self._count

    def size(self) -> int:
        """Bytes that are sent."""
        return HEADER_BYTES + len(self._body)

    def _set_producer_state(self, producer_id: int, epoch: int, sequence: int) -> None:
        self._place = (producer_id, epoch, sequence)
        self._buffer = None

    def _build(self) -> bytes:
        if self._buffer is None:
            checked = _CHECKED.pack(
                self._attributes, self._count - 1, self._at_ms, self._at_ms,
                *self._place, self._count,
            )  # fmt: skip
            rest = checked + self._body
            length = HEADER_BYTES - _CHECKED.size - BEFORE_LENGTH + len(rest)
            # Offset and leader's epoch are for the broker to fill in.
            head = struct.pack(">qiibI", 0, length, -1, 2, calc_crc32c(rest))
            self._buffer = head + rest
        return self._buffer


def _compressed(records: bytes, codec: int) -> bytes | None:
    """The records made smaller; None where that does not pay."""
    if codec == PLAIN:
        return None
    if codec == LZ4:
        # Kafka knows no blocks that refer to each other (KIP-57).
        packer = cramjam.lz4.Compressor(
            level=_LZ4_LEVEL, content_checksum=False, block_linked=False
        )
        packer.compress(records)
        body = bytes(packer.finish())
    elif codec == ZSTD:
        body = bytes(cramjam.zstd.compress(records, level=1))
    else:
        message = f"codec {codec} is none of {PLAIN}, {LZ4} (lz4), {ZSTD} (zstd)"
        raise ValueError(message)
    return body if len(body) < len(records) else None
