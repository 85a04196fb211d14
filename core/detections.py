"""High-rate CCTV detections in columns: 1-minute cells by camera and label.

A cell is the sum of counts, the number of events and the greatest confidence of its distinct
events, whatever their order or repetition.  Integers are exact; a maximum does not depend on
order either.  Rows are held until the tick whose cut covers them, so that a cell never holds
what came after the tick.  A detection of less than `reference.LEAST_CONFIDENCE` is no detection:
it is counted and left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyruhvro

from core import contract, reference
from core.events import Event
from core.fields import FIRST, LAST
from core.moment import MINUTE

TYPE = "cctv.detected"
LATENESS = 10 * MINUTE
"""Convention C5: CCTV may come 10 minutes late."""

_GROUP = ["minute", "camera_id", "label"]
_SCHEMA = contract.schema_text(TYPE)
_ROWS = pa.schema(
    {
        "event_id": pa.string(),
        "occurred_at": pa.int64(),
        "source": pa.string(),
        "camera_id": pa.string(),
        "label": pa.string(),
        "count": pa.int32(),
        "confidence": pa.float64(),
        "offset": pa.int64(),
    }
)
"""Of every table of rows, however they were decoded: tables of one tick are joined."""


class MinuteCell(NamedTuple):
    """Which minute (number since 1970), camera and label."""

    minute: int
    camera_id: str
    label: str


class Seen(NamedTuple):
    """What a cell holds; `confidence` is -1.0 while no event had one."""

    total: int
    events: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Changed:
    """What one tick did: cells with absolute values, new event ids by minute, finished minutes."""

    cells: Mapping[MinuteCell, Seen]
    ids: Mapping[int, pa.Array]
    finished: tuple[int, ...]
    dropped: tuple[MinuteCell, ...]
    accepted: Mapping[str, int]
    duplicates: Mapping[str, int]
    late: Mapping[str, int]
    """Events by source that came after their minute was finished: in no cell."""
    doubtful: Mapping[str, int]
    """Events by source of too little confidence: in no cell."""


def columns(bodies: Sequence[bytes], offsets: Sequence[int]) -> pa.Table:
    """Rows of unframed Avro bodies.  Raises ValueError if any of them is malformed."""
    try:
        batch = pyruhvro.deserialize_array(list(bodies), _SCHEMA)
    except BaseException as error:  # a Rust panic is no Exception; anything else goes on
        if type(error).__name__ != "PanicException" and not isinstance(error, Exception):
            raise
        raise ValueError(f"malformed {TYPE} among {len(bodies)} bodies: {error}") from error
    return rows(batch, pa.array(offsets, pa.int64()))


def rows(batch: pa.RecordBatch, offsets: pa.Array) -> pa.Table:
    """Rows of decoded events: columns by the names of the schema.

    Raises ValueError where `contract.unsound` would find fault with one of them.
    """
    found = [batch.column(name) for name in _ROWS.names[:-1]]
    found[1] = found[1].view(pa.int64())
    span = pc.min_max(found[1]).as_py()
    if span["min"] is not None and not FIRST <= span["min"] <= span["max"] <= LAST:
        raise ValueError(f"moments from {span['min']} to {span['max']}")
    for name in _REALS:
        if pc.all(pc.is_finite(batch.column(name))).as_py() is False:
            raise ValueError(f"a {name} that is no number")
    return pa.Table.from_arrays([*found, offsets], schema=_ROWS)


_REALS = ("confidence", "lat", "lon")


def rows_of(events: Iterable[tuple[int, Event]]) -> pa.Table:
    """The same rows from (offset, event) pairs: the fallback when a batch holds a bad body."""
    pairs = list(events)
    made: dict[str, list[Any]] = {
        "event_id": [e.event_id for _, e in pairs],
        "occurred_at": [e.occurred_at for _, e in pairs],
        "source": [e.source for _, e in pairs],
        "camera_id": [e.text("camera_id") for _, e in pairs],
        "label": [e.text("label") for _, e in pairs],
        "count": [e.whole("count") or 0 for _, e in pairs],
        "confidence": [e.real("confidence") for _, e in pairs],
        "offset": [offset for offset, _ in pairs],
    }
    return pa.table(made, schema=_ROWS)


def claimed(table: pa.Table) -> list[int]:
    """Row numbers that `fold.is_claim` calls claims (triangulation)."""
    wanted = pc.is_in(table["label"], value_set=pa.array(sorted(reference.REACH)))
    return [
        int(row)
        for row in pc.indices_nonzero(wanted).to_pylist()
        if (sure := table["confidence"][row].as_py()) is None or sure >= reference.LEAST_CONFIDENCE
    ]


@dataclass
class Detections:
    """Minute cells of one partition that are not final yet, and the event ids they hold."""

    cells: dict[MinuteCell, Seen] = field(default_factory=dict)
    ids: dict[int, list[pa.Array]] = field(default_factory=dict)
    last_tick: int | None = None
    _waiting: deque[pa.Table] = field(default_factory=deque)
    _unsaid: set[MinuteCell] = field(default_factory=set)

    def take(self, table: pa.Table) -> None:
        """Hold rows until a tick's cut covers them; they come in the order of their offsets."""
        if len(table):
            self._waiting.append(table)

    @property
    def held(self) -> int:
        """Rows that wait for a tick."""
        return sum(len(table) for table in self._waiting)

    def restore(self, cells: Mapping[MinuteCell, Seen], ids: Mapping[int, Iterable[Any]]) -> None:
        """Take back what the changelog kept; set `last_tick` before.

        Cells whose minute was not over at that tick were not published yet.  `ids` are arrays.
        """
        self.cells.update(cells)
        said = self.last_tick if self.last_tick is not None else -1
        self._unsaid |= {cell for cell in cells if (cell.minute + 1) * MINUTE > said}
        for minute, known in ids.items():
            self.ids.setdefault(minute, []).extend(known)

    def close(self, tick: int, cut: int) -> tuple[Changed, dict[MinuteCell, Seen]]:
        """Fold the rows before offset `cut`; what changed, and the closed cells to publish."""
        accepted: dict[str, int] = {}
        repeated: dict[str, int] = {}
        fresh_ids: dict[int, pa.Array] = {}
        late: dict[str, int] = {}
        doubtful: dict[str, int] = {}
        touched: set[MinuteCell] = set()
        batch = self._until(cut)
        if batch is not None:
            # What is doubtful is so at any time; only then does it matter when it came.
            sure = pc.fill_null(
                pc.greater_equal(batch["confidence"], reference.LEAST_CONFIDENCE),
                True,
            )
            batch = _parted(batch, sure, doubtful)
            batch = batch.append_column("minute", pc.divide(batch["occurred_at"], MINUTE))
            if self.last_tick is not None:
                first = (self.last_tick - LATENESS) // MINUTE
                batch = _parted(batch, pc.greater_equal(batch["minute"], first), late)
            batch = _parted(batch, self._new_rows(batch, fresh_ids), repeated)
            _count(batch["source"], accepted)
            touched = self._fold(batch)
        self.last_tick = tick
        self._unsaid |= touched
        closed = {c: self.cells[c] for c in self._unsaid if (c.minute + 1) * MINUTE <= tick}
        self._unsaid -= closed.keys()
        finished, dropped = self._finish(tick)
        cells = {cell: self.cells[cell] for cell in touched if cell in self.cells}
        changed = Changed(cells, fresh_ids, finished, dropped, accepted, repeated, late, doubtful)
        return changed, closed

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

    def _fold(self, batch: pa.RecordBatch) -> set[MinuteCell]:
        grouped = (
            pa.Table.from_batches([batch])
            .group_by(_GROUP, use_threads=False)
            .aggregate([("count", "sum"), ("count", "count"), ("confidence", "max")])
        )
        touched: set[MinuteCell] = set()
        rows = zip(*(grouped[name].to_pylist() for name in (
            *_GROUP, "count_sum", "count_count", "confidence_max"
        )), strict=True)  # fmt: skip
        for minute, camera, label, total, events, best in rows:
            cell = MinuteCell(minute, camera, label)
            old = self.cells.get(cell, _NOTHING)
            self.cells[cell] = Seen(
                old.total + total,
                old.events + events,
                old.confidence if best is None else max(old.confidence, best),
            )
            touched.add(cell)
        return touched

    def _finish(self, tick: int) -> tuple[tuple[int, ...], tuple[MinuteCell, ...]]:
        """Forget minutes that no event in time can change any more."""
        first = (tick - LATENESS) // MINUTE
        done = {m for m in self.ids if m < first} | {
            c.minute for c in self.cells if c.minute < first
        }
        for minute in done:
            self.ids.pop(minute, None)
        dropped = tuple(sorted(cell for cell in self.cells if cell.minute in done))
        for cell in dropped:
            del self.cells[cell]
            self._unsaid.discard(cell)
        return tuple(sorted(done)), dropped


_NOTHING = Seen(0, 0, -1.0)
Mask = np.ndarray[Any, np.dtype[np.bool_]]


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
