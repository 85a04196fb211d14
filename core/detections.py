"""High-rate CCTV detections in columns: rows of what `core.minute_cells` counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyruhvro

from core import contract, reference
from core.events import Event
from core.fields import FIRST, LAST

TYPE = "cctv.detected"
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


def doubted(rows: pa.Table | pa.RecordBatch) -> pa.Array:
    """True where `doubtful` holds."""
    low = pc.less(rows["confidence"], reference.LEAST_CONFIDENCE)
    return pc.fill_null(pc.and_(low, pc.not_equal(rows["count"], 0)), fill_value=False)


def doubtful(event: Event) -> bool:
    """Whether the analytics itself says that there was hardly anything.

    A measured zero is sure of nothing and no less measured; without a confidence there is nothing
    to doubt.
    """
    confidence = event.real("confidence")
    low = confidence is not None and confidence < reference.LEAST_CONFIDENCE
    return low and event.whole("count") != 0


def claimed(table: pa.Table) -> list[int]:
    """Row numbers that `fold.is_claim` calls claims (triangulation)."""
    named = pc.indices_nonzero(
        pc.is_in(table["label"], value_set=pa.array(sorted(reference.LABELS)))
    )
    claims = named.filter(pc.invert(doubted(table.take(named))))
    return [int(row) for row in claims.to_pylist()]
