"""Events of cases put away small until all of a case are there: a year fits in memory.

An event as an object takes about 600 bytes, packed about 40.  Cases are put into bundles in the
order in which they come, and a bundle is unpacked at once: its cases are of one time, so they add
to the same cells, which the processor then has at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import intern

import msgspec
import pyarrow as pa

from core.events import Event, shared
from core.fold import Entity

_CASES = 4_096
"""In a bundle."""
_BLOCK = 256
_ZSTD = pa.Codec("zstd", 1)
Pair = tuple[Entity, Event]
_PAIRS = msgspec.msgpack.Decoder(list[Pair])


class Packed:
    """In with `add`, out with `drain`, once."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._bundle_of: dict[str, int] = {}
        self._open: list[list[Pair]] = []
        self._blocks: list[list[tuple[int, bytes]]] = []
        """Length before it was packed, and what it is now."""

    def add(self, entity: Entity, event: Event) -> None:
        """One event of a case."""
        known = self._bundle_of
        number = known.setdefault(entity.id, len(known) // _CASES)
        if number == len(self._open):
            self._open.append([])
            self._blocks.append([])
        block = self._open[number]
        block.append((entity, event))
        if len(block) == _BLOCK:
            plain = msgspec.msgpack.encode(block)
            self._blocks[number].append((len(plain), _ZSTD.compress(plain, asbytes=True)))
            block.clear()

    def drain(self) -> Iterator[dict[Entity, list[Event]]]:
        """Some whole cases at a time, which are not kept."""
        self._bundle_of.clear()
        for bundle in range(len(self._open)):
            found: dict[Entity, list[Event]] = {}
            for entity, event in self._bundle(bundle):
                found.setdefault(entity, []).append(event)
            self._blocks[bundle].clear()
            self._open[bundle].clear()
            yield found

    def _bundle(self, number: int) -> Iterator[tuple[Entity, Event]]:
        for length, packed in self._blocks[number]:
            plain = _ZSTD.decompress(packed, length, asbytes=True)
            for (kind, name), event in _PAIRS.decode(plain):
                yield Entity(intern(kind), name), shared(event)
        yield from self._open[number]
