"""Events of cases put away small until all of a case are there: a year fits in memory.

An event as an object takes about 600 bytes, packed about 30.  Cases are put into bundles in the
order in which they come, and a bundle is unpacked at once: its cases are of one time, so they add
to the same cells, which the processor then has at hand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa

from core.events import Event
from core.fold import Entity

_CASES = 4_096
"""In a bundle."""
_BLOCK = 256
_ZSTD = pa.Codec("zstd", 1)
Row = tuple[int, int, str, int, Any]
"""Number of the case, number of what it shares with many (type and source), and what is its own."""
_ROWS = msgspec.msgpack.Decoder(list[Row])


class Packed:
    """In with `add`, out with `drain`, once."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._cases: dict[Entity, int] = {}
        self._shared: dict[tuple[str, str], int] = {}
        self._open: list[list[Row]] = []
        self._blocks: list[list[tuple[int, bytes]]] = []
        """Length before it was packed, and what it is now."""

    def add(self, entity: Entity, event: Event) -> None:
        """One event of a case."""
        case = self._cases.setdefault(entity, len(self._cases))
        shared = self._shared.setdefault((event.type, event.source), len(self._shared))
        number = case // _CASES
        if number == len(self._open):
            self._open.append([])
            self._blocks.append([])
        block = self._open[number]
        block.append((case, shared, event.event_id, event.occurred_at, event.fields))
        if len(block) == _BLOCK:
            plain = msgspec.msgpack.encode(block)
            self._blocks[number].append((len(plain), _ZSTD.compress(plain, asbytes=True)))
            block.clear()

    def drain(self) -> Iterator[dict[Entity, list[Event]]]:
        """Some whole cases at a time, which are not kept."""
        cases, shared = deque(self._cases), list(self._shared)
        self._cases.clear()
        for bundle in range(len(self._open)):
            entities = [cases.popleft() for _ in range(min(_CASES, len(cases)))]
            found: list[list[Event]] = [[] for _ in entities]
            first = bundle * _CASES
            for case, number, event_id, at, fields in self._bundle(bundle):
                kind, source = shared[number]
                found[case - first].append(Event(kind, event_id, at, source, fields))
            self._blocks[bundle].clear()
            self._open[bundle].clear()
            yield dict(zip(entities, found, strict=True))

    def _bundle(self, number: int) -> Iterator[Row]:
        for length, packed in self._blocks[number]:
            yield from _ROWS.decode(_ZSTD.decompress(packed, length, asbytes=True))
        yield from self._open[number]
