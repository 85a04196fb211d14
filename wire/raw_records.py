"""The records of raw topics side by side: bodies where they lie, times and headers in columns.

What the edge writes is laid out alike (`wire.envelope`): no key, the payload, and headers of
which only `received_at` and a few identifiers differ.  So the headers of the first record are read
byte by byte, and of the others it is proved that all but those fields are the same bytes.  A record
that is laid out in another way is read by itself (`RawRecords.record`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from core.bulk import Bulk, Mask, Numbers
from wire.envelope import RECEIVED_AT, is_own, own_headers
from wire.record_batches import RecordBatch
from wire.rfc3339 import moments

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

_HEAD = 16
"""Bytes in which attributes, time, offset, key and the value's length must end."""
_BEFORE_VALUE = 5
"""How many varints those are, when there is no key."""
_NO_KEY = 1
_LONGEST_LENGTH = 4
_MOST_LAYOUTS = 64
_ASCII = 0x7F
"""Also what one byte of a varint holds."""


class Malformed(ValueError):
    """The records do not fill their batch."""


class Record(NamedTuple):
    """One record; `value` is None for Kafka's null."""

    offset: int
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


@dataclass(frozen=True)
class RawRecords:
    """Some records by their number.

    `bulk` holds the payloads of those that are laid out alike, `numbers` says which those are.
    """

    bulk: Bulk
    numbers: Numbers
    _text: bytes
    _starts: Sequence[int]
    _bases: Sequence[int]

    def __len__(self) -> int:
        """How many records."""
        return len(self._starts)

    def record(self, number: int) -> Record:
        """One of them, whatever its layout.  Raises Malformed when it ends in the middle."""
        return _record(self._text, self._starts[number], self._bases[number])


Group = Sequence[tuple[RecordBatch, memoryview]]
"""Record batches and their records, decompressed."""


def groups(chunks: Iterable[RecordBatch], size: int = 2 * 1024 * 1024) -> Iterator[Group]:
    """Record batches that are best read together, in their order.

    `size` in bytes of decompressed records: many enough for columns, few for the memory.
    """
    group: list[tuple[RecordBatch, memoryview]] = []
    total = 0
    for chunk in chunks:
        payload = chunk.payload()
        group.append((chunk, payload))
        total += len(payload)
        if total >= size:
            yield group
            group, total = [], 0
    if group:
        yield group


def read(group: Group, start: int) -> RawRecords:
    """The records of a group from offset `start` on.

    Raises Malformed for records that do not fill their batch.
    """
    text = b"".join(payload for _, payload in group)
    starts: list[int] = []
    ends: list[int] = []
    bases: list[int] = []
    at = 0
    for chunk, payload in group:
        first = len(starts)
        _bounds(text, at, chunk.count, starts, ends)
        at += len(payload)
        if (ends[-1] if chunk.count else at) != at:
            raise Malformed(f"records from offset {chunk.base_offset} on do not fill their batch")
        if chunk.base_offset < start:
            offsets = (_record(text, one, chunk.base_offset).offset for one in starts[first:])
            unwanted = sum(offset < start for offset in offsets)
            del starts[first : first + unwanted], ends[first : first + unwanted]
        bases += [chunk.base_offset] * (len(starts) - first)
    layout = _Layout(text, np.array(starts, np.int64), np.array(ends, np.int64))
    return RawRecords(*layout.bulk(), text, starts, bases)


def _bounds(text: bytes, at: int, count: int, starts: list[int], ends: list[int]) -> None:
    """Where each record begins, after its length, and ends."""
    try:
        for _ in range(count):
            length = text[at]
            at += 1
            if length > _ASCII:
                more = text[at]
                at += 1
                length = length & _ASCII | more << 7
                if more > _ASCII:
                    length, at = _varint(text, at - 2)
            if length & 1:
                raise Malformed("a record of less than no bytes")
            starts.append(at)
            at += length >> 1
            ends.append(at)
    except IndexError as error:
        raise Malformed("a batch ends inside a record") from error


class _Layout:
    """Finds payloads, times and headers of many records at once."""

    def __init__(self, text: bytes, starts: Numbers, ends: Numbers) -> None:
        self._text = text
        self._bytes: Bytes = np.frombuffer(text, np.uint8)
        self._starts, self._ends = starts, ends
        self._kinds: dict[tuple[tuple[str, str], ...], int] = {}

    def bulk(self) -> tuple[Bulk, Numbers]:
        """The payloads of records that are laid out alike, and the numbers of those records."""
        numbers, begins, stops = self._values()
        received = np.zeros(len(numbers), np.int64)
        kind = np.full(len(numbers), -1, np.int64)
        sizes = self._ends[numbers] - stops
        for size in np.unique(sizes)[:_MOST_LAYOUTS].tolist():
            rows = np.flatnonzero(sizes == size)
            tails = _windows(self._bytes, size)[stops[rows]]
            for some, at, number in self._alike(tails):
                received[rows[some]], kind[rows[some]] = at, number
        keep = kind >= 0
        begins, stops = begins[keep], stops[keep]
        view = memoryview(self._text)
        spans = zip(begins.tolist(), stops.tolist(), strict=True)
        bodies = [view[begin:stop] for begin, stop in spans]
        kinds: list[Mapping[str, str]] = [dict(one) for one in self._kinds]
        ascii_ = self._are_ascii(begins, stops)
        return Bulk(bodies, received[keep], kinds, kind[keep], ascii_), numbers[keep]

    def _are_ascii(self, begins: Numbers, stops: Numbers) -> Mask:
        """Whether each of these spans, which ascend, holds nothing but ASCII."""
        ascii_ = np.ones(len(begins), bool)
        high = np.flatnonzero(self._bytes > _ASCII)
        span = np.searchsorted(begins, high, side="right") - 1
        inside = (span >= 0) & (high < stops[span]) if len(begins) else np.zeros(len(high), bool)
        ascii_[span[inside]] = False
        return ascii_

    def _values(self) -> tuple[Numbers, Numbers, Numbers]:
        """Records without key whose value is there, where it begins and where it stops."""
        numbers = np.flatnonzero(self._starts + _HEAD <= len(self._bytes))
        if not len(numbers):
            return numbers, numbers, numbers
        heads = _windows(self._bytes, _HEAD)[self._starts[numbers]]
        rows, last = np.arange(len(heads)), heads <= _ASCII
        passed = np.cumsum(last, axis=1, dtype=np.uint8)
        key = np.argmax(passed == _BEFORE_VALUE - 1, axis=1)
        length = np.argmax(passed == _BEFORE_VALUE, axis=1)
        keep = (heads[:, 0] == 0) & (passed[:, -1] >= _BEFORE_VALUE)
        keep &= (heads[rows, key] == _NO_KEY) & last[rows, key - 1]
        keep &= length - key <= _LONGEST_LENGTH
        zigzag = np.zeros(len(heads), np.int64)
        for place in range(_LONGEST_LENGTH):
            at = key + 1 + place
            bits = (heads[rows, np.minimum(at, length)] & _ASCII).astype(np.int64)
            zigzag |= np.where(at <= length, bits << 7 * place, 0)
        begins = self._starts[numbers] + length + 1
        stops = begins + (zigzag >> 1)
        keep &= (zigzag & 1 == 0) & (stops < self._ends[numbers])
        return numbers[keep], begins[keep], stops[keep]

    def _alike(self, tails: Bytes) -> Iterator[tuple[Numbers, Numbers, int]]:
        """Rows of the same headers, when they were received, and the number of those headers."""
        rows = np.arange(len(tails))
        while len(rows) and len(self._kinds) < _MOST_LAYOUTS:
            first = tails[rows[0]]
            layout = _headers(first.tobytes())
            if layout is None:
                rows = rows[1:]
                continue
            here = tails[rows]
            alike = ~((here ^ first) & layout.fixed).any(axis=1)
            here, some = here[alike], rows[alike]
            rows = rows[~alike]
            at, exact = moments(here[:, layout.received])
            yield some[exact], at[exact], self._kinds.setdefault(layout.own, len(self._kinds))


class _Headers(NamedTuple):
    """Where the headers of one record differ from those of others like it."""

    fixed: Bytes
    """255 for every byte that must be the same, else 0."""
    received: slice
    own: tuple[tuple[str, str], ...]


def _headers(tail: bytes) -> _Headers | None:
    """Layout of the end of a record, from the number of its headers on; None for a strange one."""
    fixed = np.full(len(tail), 0xFF, np.uint8)
    received = None
    try:
        spans, end = _header_spans(tail, 0)
    except (IndexError, ValueError):
        return None
    if end != len(tail):
        return None
    for name, begin, stop in spans:
        if name == RECEIVED_AT:
            received = slice(begin, stop)
        if not is_own(name):
            fixed[begin:stop] = 0
    if received is None:
        return None
    own = own_headers([(name, tail[begin:stop]) for name, begin, stop in spans])
    return _Headers(fixed, received, tuple(sorted(own.items())))


def _header_spans(text: bytes, at: int) -> tuple[list[tuple[str, int, int]], int]:
    """Names of headers and where their values are; a null is empty."""
    count, at = _signed(text, at)
    found = []
    for _ in range(count):
        size, begin = _signed(text, at)
        name = text[begin : begin + size].decode("utf-8", "surrogateescape")
        size, begin = _signed(text, begin + size)
        at = begin + max(size, 0)
        found.append((name, begin, at))
    return found, at


def _record(text: bytes, at: int, base: int) -> Record:
    try:
        _, at = _signed(text, at + 1)
        delta, at = _signed(text, at)
        size, at = _signed(text, at)
        at += max(size, 0)
        size, at = _signed(text, at)
        value = None if size < 0 else text[at : at + size]
        spans, _ = _header_spans(text, at + max(size, 0))
    except IndexError as error:
        raise Malformed(f"a record after offset {base} ends in the middle") from error
    return Record(base + delta, value, [(name, text[begin:stop]) for name, begin, stop in spans])


def _signed(text: bytes, at: int) -> tuple[int, int]:
    zigzag, at = _varint(text, at)
    return (zigzag >> 1) ^ -(zigzag & 1), at


def _varint(text: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = text[at]
        at += 1
        number |= (byte & _ASCII) << shift
        if byte <= _ASCII:
            return number, at
        shift += 7


def _windows(text: Bytes, size: int) -> Bytes:
    """Every `size` bytes that follow each other, by where they begin."""
    return np.lib.stride_tricks.sliding_window_view(text, size)
