"""High-rate CCTV detections in columns: 1-minute cells by camera and label.

A cell is the sum of counts, the number of events and the greatest confidence of its distinct
events, whatever their order or repetition.  Integers are exact; a maximum does not depend on
order either.  Rows are held until the tick whose cut covers them, so that a cell never holds
what came after the tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    ids: Mapping[int, Sequence[str]]
    finished: tuple[int, ...]
    dropped: tuple[MinuteCell, ...]
    accepted: Mapping[str, int]
    duplicates: Mapping[str, int]
    late: Mapping[str, int]
    """Events by source that came after their minute was finished: in no cell."""


def columns(bodies: Sequence[bytes], offsets: Sequence[int]) -> pa.Table:
    """Rows of unframed Avro bodies.  Raises ValueError if any of them is malformed."""
    try:
        batch = pyruhvro.deserialize_array(list(bodies), _SCHEMA)
    except BaseException as error:  # a Rust panic is no Exception; anything else goes on
        if type(error).__name__ != "PanicException" and not isinstance(error, Exception):
            raise
        raise ValueError(f"malformed {TYPE} among {len(bodies)} bodies: {error}") from error
    found = [batch.column(name) for name in _ROWS.names[:-1]]
    found[1] = pc.cast(found[1], pa.int64())
    _refuse_unsound(found[1], batch.column("confidence"))
    return pa.Table.from_arrays([*found, pa.array(offsets, pa.int64())], schema=_ROWS)


def _refuse_unsound(moments: pa.ChunkedArray, confidence: pa.ChunkedArray) -> None:
    """Raises ValueError where `contract.unsound` would find fault with one of the rows."""
    span = pc.min_max(moments).as_py()
    if span["min"] is not None and not FIRST <= span["min"] <= span["max"] <= LAST:
        raise ValueError(f"moments from {span['min']} to {span['max']}")
    if pc.any(pc.invert(pc.is_finite(confidence))).as_py():
        raise ValueError("a confidence that is no number")


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
    """Row numbers whose label names an incident class: these are claims (triangulation)."""
    wanted = pc.is_in(table["label"], value_set=pa.array(sorted(reference.REACH)))
    return [int(i) for i in pc.indices_nonzero(wanted).to_pylist()]


@dataclass
class Detections:
    """Minute cells of one partition that are not final yet, and the event ids they hold."""

    cells: dict[MinuteCell, Seen] = field(default_factory=dict)
    ids: dict[int, set[str]] = field(default_factory=dict)
    last_tick: int | None = None
    _waiting: list[pa.Table] = field(default_factory=list)
    _unsaid: set[MinuteCell] = field(default_factory=set)

    def take(self, table: pa.Table) -> None:
        """Hold rows until a tick's cut covers them."""
        if len(table):
            self._waiting.append(table)

    @property
    def held(self) -> int:
        """Rows that wait for a tick."""
        return sum(len(table) for table in self._waiting)

    def restore(self, cells: Mapping[MinuteCell, Seen], ids: Mapping[int, Iterable[str]]) -> None:
        """Take back what the changelog kept; set `last_tick` before.

        Cells whose minute was not over at that tick were not published yet.
        """
        self.cells.update(cells)
        said = self.last_tick if self.last_tick is not None else -1
        self._unsaid |= {cell for cell in cells if (cell.minute + 1) * MINUTE > said}
        for minute, known in ids.items():
            self.ids.setdefault(minute, set()).update(known)

    def close(self, tick: int, cut: int) -> tuple[Changed, dict[MinuteCell, Seen]]:
        """Fold the rows before offset `cut`; what changed, and the closed cells to publish."""
        table = self._until(cut)
        accepted: dict[str, int] = {}
        repeated: dict[str, int] = {}
        fresh_ids: dict[int, list[str]] = {}
        late: dict[str, int] = {}
        touched: set[MinuteCell] = set()
        if table is not None:
            table = self._in_time(table, late)
            keep = self._new_rows(table, fresh_ids)
            _count(table["source"], accepted)
            table = table.filter(keep)
            kept: dict[str, int] = {}
            _count(table["source"], kept)
            repeated = {s: n - kept.get(s, 0) for s, n in accepted.items() if n > kept.get(s, 0)}
            accepted = kept
            touched = self._fold(table)
        self.last_tick = tick
        self._unsaid |= touched
        closed = {c: self.cells[c] for c in self._unsaid if (c.minute + 1) * MINUTE <= tick}
        self._unsaid -= closed.keys()
        finished, dropped = self._finish(tick)
        changed = {cell: self.cells[cell] for cell in touched if cell in self.cells}
        return Changed(changed, fresh_ids, finished, dropped, accepted, repeated, late), closed

    def _until(self, cut: int) -> pa.Table | None:
        if not self._waiting:
            return None
        table = pa.concat_tables(self._waiting)
        before = pc.less(table["offset"], cut)
        rest = table.filter(pc.invert(before))
        self._waiting = [rest] if len(rest) else []
        return table.filter(before)

    def _in_time(self, table: pa.Table, late: dict[str, int]) -> pa.Table:
        minutes = pc.divide(table["occurred_at"], MINUTE)
        table = table.append_column("minute", minutes)
        if self.last_tick is None:
            return table
        first = (self.last_tick - LATENESS) // MINUTE
        in_time = pc.greater_equal(table["minute"], first)
        _count(table.filter(pc.invert(in_time))["source"], late)
        return table.filter(in_time)

    def _new_rows(self, table: pa.Table, fresh: dict[int, list[str]]) -> pa.Array:
        """True for the first row of each event id in its minute."""
        keep = bytearray(len(table))
        known_of = self.ids
        pairs = zip(table["minute"].to_pylist(), table["event_id"].to_pylist(), strict=True)
        for number, (minute, name) in enumerate(pairs):
            known = known_of.get(minute)
            if known is None:
                known = known_of[minute] = set()
            if name not in known:
                known.add(name)
                fresh.setdefault(minute, []).append(name)
                keep[number] = 1
        return pc.cast(pa.array(keep, pa.uint8()), pa.bool_())

    def _fold(self, table: pa.Table) -> set[MinuteCell]:
        grouped = table.group_by(_GROUP, use_threads=False).aggregate(
            [("count", "sum"), ("count", "count"), ("confidence", "max")]
        )
        touched: set[MinuteCell] = set()
        rows = zip(*(grouped[name].to_pylist() for name in (
            *_GROUP, "count_sum", "count_count", "confidence_max"
        )), strict=True)  # fmt: skip
        for minute, camera, label, total, events, best in rows:
            cell = MinuteCell(minute, camera, label)
            old = self.cells.get(cell, Seen(0, 0, -1.0))
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


def _count(column: pa.ChunkedArray, into: dict[str, int]) -> None:
    for entry in pc.value_counts(column).to_pylist():
        into[entry["values"]] = into.get(entry["values"], 0) + entry["counts"]
