"""Minute cells of detections in the changelog: what each tick did, kept until it is final.

A cell and the event ids that it counts must be kept together or not at all, else the ids would
be counted again after a crash.  So a record holds what one tick did to one minute, a later tick
never replaces it, and a reader takes the records up to the frontier: what lies beyond will be
done again, and the same tick does the same in every life of the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from core.minute_cells import CELLS, Changed

MINUTE = "minute"
"""Kind of the records."""
_ENTRIES_A_RECORD = 5_000
"""Of ids and of cells: a record stays far below Kafka's limit of 1 MiB."""


_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")
_IDS = pa.schema({"event_id": pa.string()})


@dataclass(frozen=True, slots=True)
class MinuteRecord:
    """What one tick did to one minute, or a part of it: cells as they are then, new event ids."""

    minute: int
    tick: int
    part: int
    cells: pa.Table
    ids: pa.Array

    @property
    def name(self) -> str:
        """Its id in the changelog."""
        return f"{self.minute}|{self.tick}|{self.part}"

    def value(self) -> bytes:
        """Two Arrow streams, compressed: the cells and the ids."""
        sink = pa.BufferOutputStream()
        ids = pa.Table.from_arrays([self.ids], schema=_IDS)
        for table in (self.cells, ids):
            with pa.ipc.new_stream(sink, table.schema, options=_LZ4) as stream:
                stream.write_table(table)
        return bytes(sink.getvalue())

    @classmethod
    def of(cls, name: str, value: bytes) -> MinuteRecord:
        """Inverse of `name` and `value`."""
        minute, tick, part = map(int, name.split("|"))
        source = pa.BufferReader(value)
        cells = pa.ipc.open_stream(source).read_all()
        ids = pa.ipc.open_stream(source).read_all()["event_id"].combine_chunks()
        return cls(minute, tick, part, cells, ids)


def minute_records(changed: Changed, tick: int) -> Iterator[MinuteRecord]:
    """What `tick` did."""
    # A minute that the same tick finished has no future.
    for minute in changed.ids.keys() - set(changed.finished):
        cells = changed.cells.filter(pc.equal(changed.cells["minute"], minute))
        ids = changed.ids[minute]
        for part, start in enumerate(range(0, max(len(cells), len(ids)), _ENTRIES_A_RECORD)):
            some = (of.slice(start, _ENTRIES_A_RECORD) for of in (cells, ids))
            yield MinuteRecord(minute, tick, part, *some)


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
) -> tuple[dict[int, pa.Table], dict[int, list[pa.Array]]]:
    """Cells and event ids by minute, as the last of these records left them."""
    parts: dict[int, list[pa.Table]] = {}
    ids: dict[int, list[pa.Array]] = {}
    for record in sorted(records, key=lambda r: r.tick):
        parts.setdefault(record.minute, []).append(record.cells)
        ids.setdefault(record.minute, []).append(record.ids)
    return {minute: _last(of) for minute, of in parts.items()}, ids


def _last(parts: list[pa.Table]) -> pa.Table:
    """Of each cell what stands last, in the order of the parts."""
    names, values = CELLS.names[:3], CELLS.names[3:]
    grouped = pa.concat_tables(parts).group_by(names, use_threads=False)
    return grouped.aggregate([(name, "last") for name in values]).rename_columns(CELLS.names)
