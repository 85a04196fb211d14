"""The cells that the worker published, read back in columns: the newest of each."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json

from bench.detections import LABELS, Ints, camera_id
from bench.scale.oracle import UNKNOWN, Cells, coded
from core import moment, topics
from wire.config import Kafka
from wire.reader import read

_AT_ONCE = 100_000
_SHOWN = pa.schema(
    {
        "camera_id": pa.string(),
        "label": pa.string(),
        "minute": pa.string(),
        "count": pa.int64(),
        "events": pa.int64(),
        "confidence": pa.float64(),
    }
)


async def published(kafka: Kafka, cameras: int) -> Cells:
    """Everything that is in the topic of cells now; all of one cell are in one partition."""
    newest = _empty()
    lines: list[bytes] = []
    async for record in read(kafka, [topics.CELLS]):
        lines.append(record.value)
        if len(lines) == _AT_ONCE:
            newest = newer([newest, told(lines, cameras)])
            lines.clear()
    return newer([newest, told(lines, cameras)]) if lines else newest


def told(lines: Iterable[bytes], cameras: int) -> Cells:
    """Cells as they were published, in that order, some of them perhaps several times."""
    options = json.ParseOptions(explicit_schema=_SHOWN, unexpected_field_behavior="ignore")
    table = json.read_json(io.BytesIO(b"\n".join(lines)), parse_options=options).combine_chunks()
    camera = _numbered(table["camera_id"], [camera_id(number) for number in range(cameras)])
    label = _numbered(table["label"], list(LABELS))
    minute = table["minute"].combine_chunks().dictionary_encode()
    minutes = [moment.parse(text) // moment.MINUTE for text in minute.dictionary.to_pylist()]
    code = coded(np.array(minutes, np.int64)[minute.indices.to_numpy()], camera, label, cameras)
    return Cells(
        np.where((camera == UNKNOWN) | (label == UNKNOWN), UNKNOWN, code),
        table["count"].to_numpy(),
        table["events"].to_numpy(),
        table["confidence"].to_numpy(),
    )


def newer(parts: Sequence[Cells]) -> Cells:
    """The last of each code, the parts in the order of writing."""
    code, total, events, best = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("code", "total", "events", "best")
    )
    order = np.argsort(code, kind="stable")
    ascending = code[order]
    last = order[np.flatnonzero(np.diff(ascending, append=ascending[-1:] + 1))]
    return Cells(code[last], total[last], events[last], best[last])


def _numbered(column: pa.ChunkedArray, names: list[str]) -> Ints:
    found = pc.index_in(column, value_set=pa.array(names)).combine_chunks()
    return pc.fill_null(found, UNKNOWN).to_numpy().astype(np.int64)  # type: ignore[no-any-return]  # pyarrow


def _empty() -> Cells:
    whole = np.empty(0, np.int64)
    return Cells(whole, whole, whole, np.empty(0, np.float64))
