"""The same detections every time: as columns, and as framed Avro in the order of writing.

200 cameras, 5 labels, 500 events a second of event time, each up to 5 seconds older than its
place in the log.  One in ten is too unsure to count (confidence under 0.1).  Every value is a hash
of the event's number, so any prefix is the prefix of any longer stream, in every version of every
library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyruhvro

from core import contract, moment
from core.detections import TYPE

START = 29_540_160 * moment.MINUTE
"""2026-03-02T00:00Z."""
CAMERAS = 200
LABELS = ("car", "motorcycle", "person", "truck", "bicycle")
"""None of them names an incident, as with nearly all that a city's cameras see."""
A_SECOND = 500
A_MINUTE = 60 * A_SECOND
DISORDER = 5 * moment.SECOND

_STEP = moment.SECOND // A_SECOND
_SCHEMA = contract.schema_text(TYPE)
Numbers = np.ndarray[tuple[int], np.dtype[np.uint64]]


@dataclass(frozen=True, slots=True)
class Minute:
    """Consecutive events: what is written before the clock ticks `end`."""

    end: int
    event_id: list[str]
    occurred_at: list[int]
    camera: list[int]
    label: list[int]
    count: list[int]
    confidence: list[float]

    def __len__(self) -> int:
        """Number of events."""
        return len(self.event_id)

    def rows(self) -> Iterator[tuple[int, str, str, int, float]]:
        """Moment, camera id, label, count and confidence of each event."""
        cameras = [camera_id(number) for number in range(CAMERAS)]
        for at, camera, label, count, confidence in zip(
            self.occurred_at, self.camera, self.label, self.count, self.confidence, strict=True
        ):
            yield at, cameras[camera], LABELS[label], count, confidence

    def framed(self, schema_id: int) -> list[bytes]:
        """Each event as a Kafka value."""
        size = len(self)
        batch = pa.record_batch(
            {
                "event_id": self.event_id,
                "occurred_at": pa.array(self.occurred_at, pa.timestamp("us", "UTC")),
                "source": ["frigate"] * size,
                "camera_id": [camera_id(number) for number in self.camera],
                "label": [LABELS[number] for number in self.label],
                "count": pa.array(self.count, pa.int32()),
                "confidence": self.confidence,
                "lat": [-1.61 + number / 10_000 for number in self.camera],
                "lon": [103.61 + number / 10_000 for number in self.camera],
            }
        )
        (bodies,) = pyruhvro.serialize_record_batch(batch, _SCHEMA, 1)
        frame = contract.frame(schema_id, b"")
        return [frame + body for body in bodies.to_pylist()]


def camera_id(number: int) -> str:
    """Code of a camera."""
    return f"CAM-{number:03d}"


def minutes(events: int) -> Iterator[Minute]:
    """The first `events` events; the last minute may be shorter, its tick still closes it."""
    for first in range(0, events, A_MINUTE):
        yield _minute(first, min(events, first + A_MINUTE))


def _minute(first: int, stop: int) -> Minute:
    index = np.arange(first, stop, dtype=np.uint64)
    base = START + index.astype(np.int64) * _STEP
    return Minute(
        end=START + (first // A_MINUTE + 1) * moment.MINUTE,
        event_id=[f"frigate:{number:012d}:detected" for number in range(first, stop)],
        occurred_at=(base - _below(index, 1, DISORDER)).tolist(),
        camera=_below(index, 2, CAMERAS).tolist(),
        label=_below(index, 3, len(LABELS)).tolist(),
        count=(1 + _below(index, 4, 4)).tolist(),
        confidence=(_below(index, 5, 1000) / 1000).tolist(),
    )


def _below(index: Numbers, salt: int, limit: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """SplitMix64 of each number, reduced: whole numbers from 0 to `limit` - 1."""
    with np.errstate(over="ignore"):
        mixed = (index * np.uint64(8) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) % np.uint64(limit)).astype(np.int64)
