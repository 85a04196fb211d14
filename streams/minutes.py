"""Minute cells of detections in the changelog: what each tick did, kept until it is final.

A cell and the event ids that it counts must be kept together or not at all, else the ids would
be counted again after a crash.  So a record holds what one tick did to one minute, a later tick
never replaces it, and a reader takes the records up to the frontier: what lies beyond will be
done again, and the same tick does the same in every life of the worker.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from core.detections import Changed, MinuteCell, Seen

MINUTE = "minute"
"""Kind of the records."""
_ENTRIES_A_RECORD = 5_000
"""Of ids and of cells: a record stays far below Kafka's limit of 1 MiB."""


@dataclass(frozen=True, slots=True)
class MinuteRecord:
    """What one tick did to one minute, or a part of it: cells as they are then, new event ids."""

    minute: int
    tick: int
    part: int
    cells: Mapping[MinuteCell, Seen]
    ids: Sequence[str]

    @property
    def name(self) -> str:
        """Its id in the changelog."""
        return f"{self.minute}|{self.tick}|{self.part}"

    def value(self) -> list[Any]:
        """As JSON."""
        cells = [[c.camera_id, c.label, *seen] for c, seen in self.cells.items()]
        packed = zlib.compress(json.dumps(self.ids).encode(), 1)
        return [cells, base64.b85encode(packed).decode()]

    @classmethod
    def of(cls, name: str, value: Sequence[Any]) -> MinuteRecord:
        """Inverse of `name` and `value`."""
        minute, tick, part = map(int, name.split("|"))
        cells = {MinuteCell(minute, *line[:2]): Seen(*line[2:]) for line in value[0]}
        ids = json.loads(zlib.decompress(base64.b85decode(value[1])))
        return cls(minute, tick, part, cells, ids)


def minute_records(changed: Changed, tick: int) -> Iterator[MinuteRecord]:
    """What `tick` did."""
    cells: dict[int, list[tuple[MinuteCell, Seen]]] = {}
    for cell, seen in changed.cells.items():
        cells.setdefault(cell.minute, []).append((cell, seen))
    # A minute that the same tick finished has no future.
    for minute in changed.ids.keys() - set(changed.finished):
        ids = changed.ids[minute]
        parts = zip_longest(_parts(cells.get(minute, ())), _parts(ids), fillvalue=())
        for part, (some_cells, some_ids) in enumerate(parts):
            yield MinuteRecord(minute, tick, part, dict(some_cells), some_ids)


def _parts(entries: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (
        entries[start : start + _ENTRIES_A_RECORD]
        for start in range(0, len(entries), _ENTRIES_A_RECORD)
    )


@dataclass
class Names:
    """Names of the records of each minute that are in the changelog."""

    _of: dict[int, set[str]] = field(default_factory=dict)

    def note(self, name: str) -> None:
        """This record is there."""
        self._of.setdefault(int(name.partition("|")[0]), set()).add(name)

    def forget(self, minutes: Iterable[int]) -> Iterator[str]:
        """Records of these minutes, which may go now."""
        for minute in minutes:
            yield from sorted(self._of.pop(minute, ()))


def restored(
    records: Iterable[MinuteRecord],
) -> tuple[dict[MinuteCell, Seen], dict[int, set[str]]]:
    """Cells and event ids as the last of these records left them."""
    cells: dict[MinuteCell, Seen] = {}
    ids: dict[int, set[str]] = {}
    for record in sorted(records, key=lambda r: r.tick):
        cells.update(record.cells)
        ids.setdefault(record.minute, set()).update(record.ids)
    return cells, ids
