"""Events of cases put away small until all of a case are there: a year fits in memory.

An event as an object takes about 600 bytes, packed about 40.  Cases are spread over bundles by
their name, and a bundle is unpacked at once.
"""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterator, Mapping
from sys import intern

from core.events import Event, Value
from core.fold import Entity

_BUNDLES = 64
_BLOCK = 256
_LEVEL = 1
Flat = tuple[str, str, str, str, int, str, dict[str, Value]]
"""Kind and id of the entity; type, id, moment, source and fields of the event."""


class Packed:
    """In with `add`, out with `cases`, as often as wanted."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._open: list[list[Flat]] = [[] for _ in range(_BUNDLES)]
        self._blocks: list[list[bytes]] = [[] for _ in range(_BUNDLES)]

    def add(self, entity: Entity, event: Event) -> None:
        """One event of a case."""
        number = zlib.crc32(entity.id.encode()) % _BUNDLES
        block = self._open[number]
        block.append((
            *entity, event.type, event.event_id, event.occurred_at, event.source,
            dict(event.fields),
        ))  # fmt: skip
        if len(block) == _BLOCK:
            self._blocks[number].append(zlib.compress(marshal.dumps(block), _LEVEL))
            block.clear()

    def events(self) -> Iterator[tuple[Entity, Event]]:
        """All, bundle by bundle."""
        for bundle in range(_BUNDLES):
            yield from self._bundle(bundle)

    def cases(self) -> Iterator[Mapping[Entity, list[Event]]]:
        """Some whole cases at a time."""
        for bundle in range(_BUNDLES):
            found: dict[Entity, list[Event]] = {}
            for entity, event in self._bundle(bundle):
                found.setdefault(entity, []).append(event)
            yield found

    def _bundle(self, number: int) -> Iterator[tuple[Entity, Event]]:
        for block in self._blocks[number]:
            yield from map(_event, marshal.loads(zlib.decompress(block)))
        yield from map(_event, self._open[number])


def _event(flat: Flat) -> tuple[Entity, Event]:
    kind, name, event_type, event_id, at, source, fields = flat
    return Entity(kind, name), Event(intern(event_type), event_id, at, intern(source), fields)
