"""One partition's cells in a dictionary, closed by ticks: for peers whose own state is Python's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.peers.avro import LEAST_CONFIDENCE, MINUTE, read

Cell = tuple[int, str, str]


@dataclass
class Cells:
    """`fold` takes a value; a tick gives what is to be published."""

    partition: int
    tick_schema: int
    rejected: int = 0
    cells: dict[Cell, tuple[int, int, float]] = field(default_factory=dict)
    unsaid: set[Cell] = field(default_factory=set)

    def fold(self, value: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values to publish: none, unless the value is a tick."""
        is_tick, seen = read(value, self.tick_schema)
        if is_tick:
            yield from self._close(seen["occurred_at"])
            return
        confidence = seen["confidence"]
        if confidence is not None and confidence < LEAST_CONFIDENCE:
            self.rejected += 1
            return
        cell = (seen["occurred_at"] // MINUTE, seen["camera_id"], seen["label"])
        total, events, best = self.cells.get(cell, (0, 0, -1.0))
        best = best if confidence is None else max(best, confidence)
        self.cells[cell] = (total + seen["count"], events + 1, best)
        self.unsaid.add(cell)

    def _close(self, until: int) -> Iterator[tuple[bytes, bytes]]:
        done = {cell for cell in self.unsaid if (cell[0] + 1) * MINUTE <= until}
        self.unsaid -= done
        for cell in done:
            minute, camera, label = cell
            value = json.dumps([until, *self.cells[cell]])
            yield f"{minute}|{camera}|{label}".encode(), value.encode()
        yield f"rejected|{self.partition}".encode(), str(self.rejected).encode()
