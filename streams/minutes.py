"""Minute cells of detections in the changelog: what each tick did, kept until it is final.

A cell and the event ids that it counts must be kept together or not at all, else the ids would
be counted again after a crash.  So a record holds what one tick did to one minute, a later tick
never replaces it, and a reader takes the records up to the frontier: what lies beyond will be
done again, and the same tick does the same in every life of the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from core.detections import Changed, MinuteCell, Seen

MINUTE = "minute"
"""Kind of the records."""
_ENTRIES_A_RECORD = 5_000
"""Of ids and of cells: a record stays far below Kafka's limit of 1 MiB."""


_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")
_CELLS = pa.schema(
    {
        "camera_id": pa.string(),
        "label": pa.string(),
        "total": pa.int64(),
        "events": pa.int64(),
        "confidence": pa.float64(),
    }
)
_IDS = pa.schema({"event_id": pa.string()})


@dataclass(frozen=True, slots=True)
class MinuteRecord:
    """What one tick did to one minute, or a part of it: cells as they are then, new event ids."""

    minute: int
    tick: int
    part: int
    cells: Mapping[MinuteCell, Seen]
    ids: pa.Array

    @property
    def name(self) -> str:
        """Its id in the changelog."""
        return f"{self.minute}|{self.tick}|{self.part}"

    def value(self) -> bytes:
        """Two Arrow streams, compressed: the cells and the ids."""
        lines = [(c.camera_id, c.label, *seen) for c, seen in self.cells.items()]
        columns = zip(*lines, strict=True) if lines else [()] * len(_CELLS)
        sink = pa.BufferOutputStream()
        for schema, arrays in ((_CELLS, columns), (_IDS, [self.ids])):
            with pa.ipc.new_stream(sink, schema, options=_LZ4) as stream:
                stream.write(
                    pa.record_batch(
                        [
                            pa.array(array, kind.type)
                            for array, kind in zip(arrays, schema, strict=True)
                        ],
                        schema=schema,
                    )
                )
        return bytes(sink.getvalue())

    @classmethod
    def of(cls, name: str, value: bytes) -> MinuteRecord:
        """Inverse of `name` and `value`."""
        minute, tick, part = map(int, name.split("|"))
        source = pa.BufferReader(value)
        lines = pa.ipc.open_stream(source).read_all()
        ids = pa.ipc.open_stream(source).read_all()["event_id"].combine_chunks()
        columns = (column.to_pylist() for column in lines.columns)
        cells = {
            MinuteCell(minute, camera, label): Seen(*seen)
            for camera, label, *seen in zip(*columns, strict=True)
        }
        return cls(minute, tick, part, cells, ids)


def minute_records(changed: Changed, tick: int) -> Iterator[MinuteRecord]:
    """What `tick` did."""
    cells: dict[int, list[tuple[MinuteCell, Seen]]] = {}
    for cell, seen in changed.cells.items():
        cells.setdefault(cell.minute, []).append((cell, seen))
    # A minute that the same tick finished has no future.
    for minute in changed.ids.keys() - set(changed.finished):
        own, ids = cells.get(minute, []), changed.ids[minute]
        starts = range(0, max(len(own), len(ids)), _ENTRIES_A_RECORD)
        for part, start in enumerate(starts):
            some = dict(own[start : start + _ENTRIES_A_RECORD])
            yield MinuteRecord(minute, tick, part, some, ids[start : start + _ENTRIES_A_RECORD])


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
) -> tuple[dict[MinuteCell, Seen], dict[int, list[pa.Array]]]:
    """Cells and event ids as the last of these records left them."""
    cells: dict[MinuteCell, Seen] = {}
    ids: dict[int, list[pa.Array]] = {}
    for record in sorted(records, key=lambda r: r.tick):
        cells.update(record.cells)
        ids.setdefault(record.minute, []).append(record.ids)
    return cells, ids
