"""1-minute cells of CCTV detections by camera and label, in columns.

A cell is the sum of counts, the number of events and the greatest confidence of its distinct
events, whatever their order or repetition.  Integers are exact; a maximum does not depend on
order either.  Rows are held until the tick whose cut covers them, so that a cell never holds
what came after the tick.  What the analytics itself doubts is counted and left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.detections import doubted
from core.moment import MINUTE

LATENESS = 10 * MINUTE
"""Convention C5: CCTV may come 10 minutes late."""
CELLS = pa.schema(
    {
        "minute": pa.int64(),
        "camera_id": pa.string(),
        "label": pa.string(),
        "total": pa.int64(),
        "events": pa.int64(),
        "confidence": pa.float64(),
    }
)
"""Columns of cells; `minute` is its number since 1970, `confidence` null if no event had one."""
NO_CELLS = CELLS.empty_table()

_NAMES = ["minute", "camera_id", "label"]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class MinuteCell(NamedTuple):
    """Which minute (number since 1970), camera and label."""

    minute: int
    camera_id: str
    label: str


class Seen(NamedTuple):
    """What a cell holds; `confidence` is None while no event had one."""

    total: int
    events: int
    confidence: float | None


def one_by_one(cells: pa.Table) -> Iterator[tuple[MinuteCell, Seen]]:
    """Cells for who takes them singly."""
    columns = (column.to_pylist() for column in cells.columns)
    for minute, camera, label, *seen in zip(*columns, strict=True):
        yield MinuteCell(minute, camera, label), Seen(*seen)


@dataclass(frozen=True, slots=True)
class Changed:
    """What one tick did: cells with absolute values, new event ids by minute, finished minutes."""

    cells: pa.Table
    ids: Mapping[int, pa.Array]
    finished: tuple[int, ...]
    accepted: Mapping[str, int]
    duplicates: Mapping[str, int]
    late: Mapping[str, int]
    """Events by source that came after their minute was finished: in no cell."""
    doubtful: Mapping[str, int]
    """Events by source of too little confidence: in no cell."""


@dataclass
class Detections:
    """Minute cells of one partition that are not final yet, and the event ids they hold."""

    cells: dict[int, pa.Table] = field(default_factory=dict)
    ids: dict[int, list[pa.Array]] = field(default_factory=dict)
    last_tick: int | None = None
    _waiting: deque[pa.Table] = field(default_factory=deque)

    def take(self, table: pa.Table) -> None:
        """Hold rows until a tick's cut covers them; they come in the order of their offsets."""
        if len(table):
            self._waiting.append(table)

    @property
    def held(self) -> int:
        """Rows that wait for a tick."""
        return sum(len(table) for table in self._waiting)

    def restore(self, cells: Mapping[int, pa.Table], ids: Mapping[int, Iterable[pa.Array]]) -> None:
        """Take back what the changelog kept, by minute; set `last_tick` before."""
        self.cells.update(cells)
        for minute, known in ids.items():
            self.ids.setdefault(minute, []).extend(known)

    def close(self, tick: int, cut: int) -> tuple[Changed, pa.Table]:
        """Fold the rows before offset `cut`; what changed, and the closed cells to publish.

        A cell is published when its minute is over, and again whenever it changes after that.
        """
        accepted: dict[str, int] = {}
        repeated: dict[str, int] = {}
        fresh_ids: dict[int, pa.Array] = {}
        late: dict[str, int] = {}
        doubtful: dict[str, int] = {}
        touched: dict[int, pa.Table] = {}
        batch = self._until(cut)
        if batch is not None:
            # What is doubtful is so at any time; only then does it matter when it came.
            batch = _parted(batch, pc.invert(doubted(batch)), doubtful)
            batch = batch.append_column("minute", pc.divide(batch["occurred_at"], MINUTE))
            if self.last_tick is not None:
                first = (self.last_tick - LATENESS) // MINUTE
                batch = _parted(batch, pc.greater_equal(batch["minute"], first), late)
            batch = _parted(batch, self._new_rows(batch, fresh_ids), repeated)
            _count(batch["source"], accepted)
            touched = dict(self._fold(batch))
        closed = list(self._closed(touched, tick))
        self.last_tick = tick
        finished = self._finish(tick)
        cells = [touched[minute] for minute in sorted(touched.keys() - set(finished))]
        changed = Changed(
            pa.concat_tables(cells) if cells else NO_CELLS,
            fresh_ids, finished, accepted, repeated, late, doubtful,
        )  # fmt: skip
        return changed, pa.concat_tables(closed) if closed else NO_CELLS

    def _until(self, cut: int) -> pa.RecordBatch | None:
        found: list[pa.Table] = []
        while self._waiting and self._waiting[0]["offset"][0].as_py() < cut:
            table = self._waiting.popleft()
            before = int(np.searchsorted(table["offset"].to_numpy(), cut))
            found.append(table.slice(0, before))
            if before < len(table):
                self._waiting.appendleft(table.slice(before))
        if not found:
            return None
        (batch,) = pa.concat_tables(found).combine_chunks().to_batches()
        return batch

    def _new_rows(self, batch: pa.RecordBatch, fresh: dict[int, pa.Array]) -> pa.Array:
        """True for the first row of each event id in its minute."""
        minutes, ids = batch["minute"], batch["event_id"]
        there = pc.unique(minutes).to_pylist()
        keep = np.zeros(len(batch), np.bool_)
        for minute in sorted(there):
            places = pc.indices_nonzero(pc.equal(minutes, minute)).to_numpy()
            own = ids if len(there) == 1 else ids.take(pa.array(places))
            new = _first_of_each(own) & ~_any_of(own, self.ids.get(minute, ()))
            keep[places] = new
            if new.any():
                fresh[minute] = own if new.all() else own.filter(pa.array(new))
                self.ids.setdefault(minute, []).append(fresh[minute])
        return pa.array(keep)

    def _fold(self, batch: pa.RecordBatch) -> Iterator[tuple[int, pa.Table]]:
        """Add the rows to their cells; by minute, the cells that they changed."""
        columns = [("count", "sum"), ("count", "count"), ("confidence", "max")]
        grouped = pa.Table.from_batches([batch]).group_by(_NAMES, use_threads=False)
        added = grouped.aggregate(columns).rename_columns(CELLS.names)
        for minute in pc.unique(added["minute"]).to_pylist():
            new = added.filter(pc.equal(added["minute"], minute))
            old = self.cells.get(minute)
            if old is None:
                self.cells[minute] = new
                yield minute, new
            else:
                self.cells[minute], changed = _merged(old, new)
                yield minute, changed

    def _closed(self, touched: Mapping[int, pa.Table], tick: int) -> Iterator[pa.Table]:
        said = self.last_tick if self.last_tick is not None else -1
        for minute in sorted(self.cells):
            end = (minute + 1) * MINUTE
            if said < end <= tick:
                yield self.cells[minute]
            elif end <= tick and minute in touched:
                yield touched[minute]

    def _finish(self, tick: int) -> tuple[int, ...]:
        """Forget minutes that no event in time can change any more."""
        first = (tick - LATENESS) // MINUTE
        done = {minute for minute in self.ids.keys() | self.cells.keys() if minute < first}
        for minute in done:
            self.ids.pop(minute, None)
            self.cells.pop(minute, None)
        return tuple(sorted(done))


def _merged(old: pa.Table, new: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The cells of both of one minute, and those of them that `new` had a part in."""
    marked = [
        part.append_column("new", pa.array(np.full(len(part), is_new, np.int8)))
        for part, is_new in ((old, 0), (new, 1))
    ]
    columns = [("total", "sum"), ("events", "sum"), ("confidence", "max"), ("new", "max")]
    grouped = pa.concat_tables(marked).group_by(_NAMES, use_threads=False).aggregate(columns)
    cells = grouped.drop_columns("new_max").rename_columns(CELLS.names)
    return cells, cells.filter(pc.equal(grouped["new_max"], 1))


def _first_of_each(ids: pa.Array) -> Mask:
    """True where an id stands for the first time."""
    coded = ids.dictionary_encode()
    if len(coded.dictionary) == len(ids):
        return np.ones(len(ids), np.bool_)
    # Codes are given in the order of appearance: a new one is larger than all before it.
    codes = coded.indices.to_numpy()
    first = np.ones(len(ids), np.bool_)
    first[1:] = codes[1:] > np.maximum.accumulate(codes)[:-1]
    return first


def _any_of(ids: pa.Array, known: Iterable[pa.Array]) -> Mask:
    """True where an id is among those that are known."""
    found = np.zeros(len(ids), np.bool_)
    for part in known:
        # The table that is built is that of the smaller side; mostly nothing is found.
        if len(part) > len(ids):
            part = part.filter(pc.is_in(part, value_set=ids))
        if len(part):
            found |= pc.is_in(ids, value_set=part).to_numpy(zero_copy_only=False)
    return found


def _parted(batch: pa.RecordBatch, keep: pa.Array, others: dict[str, int]) -> pa.RecordBatch:
    """The rows to keep; the sources of the others are counted."""
    if pc.all(keep).as_py() is not False:
        return batch
    _count(batch["source"].filter(pc.invert(keep)), others)
    return batch.filter(keep)


def _count(column: pa.Array, into: dict[str, int]) -> None:
    for entry in pc.value_counts(column).to_pylist():
        into[entry["values"]] = into.get(entry["values"], 0) + entry["counts"]
