"""The same detections every time: as columns, and as framed Avro in the order of writing.

Unless a `Shape` says otherwise: 200 cameras, 5 labels, 500 events a second of event time, each up
to 5 seconds older than its place in the log.  One in ten is too unsure to count (confidence under
0.1).  Every value is a hash of the event's number, so any prefix is the prefix of any longer
stream, in every version of every library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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

_SCHEMA = contract.schema_text(TYPE)
_FINE = 1_000_000
Numbers = np.ndarray[tuple[int], np.dtype[np.uint64]]
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Reals = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a stream is like; `a_second` is events a second of event time, a divisor of 10^6.

    Camera 0 sends the share `hot` of all events beside its even part of the rest.
    """

    cameras: int = CAMERAS
    hot: float = 0.0
    a_second: int = A_SECOND

    @property
    def a_minute(self) -> int:
        """Events between two ticks."""
        return 60 * self.a_second

    def camera(self, index: Numbers) -> Ints:
        """Number of the camera of each event."""
        even = _below(index, 2, self.cameras)
        if not self.hot:
            return even
        return np.where(_below(index, 6, _FINE) < round(self.hot * _FINE), 0, even)


EVEN = Shape()
"""The stream of the fold job."""


@dataclass(frozen=True, slots=True)
class Minute:
    """Consecutive events: what is written before the clock ticks `end`."""

    end: int
    event_id: list[str]
    occurred_at: Ints
    camera: Ints
    label: Ints
    count: Ints
    confidence: Reals

    def __len__(self) -> int:
        """Number of events."""
        return len(self.event_id)

    def rows(self) -> Iterator[tuple[int, str, str, int, float]]:
        """Moment, camera id, label, count and confidence of each event."""
        cameras = self._camera_ids()
        columns = (self.occurred_at, self.camera, self.label, self.count, self.confidence)
        for at, camera, label, count, confidence in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            yield at, cameras[camera], LABELS[label], count, confidence

    def parts(self, size: int) -> Iterator[Minute]:
        """The same in pieces of `size` events."""
        for first in range(0, len(self), size):
            piece = slice(first, first + size)
            yield Minute(
                self.end, self.event_id[piece], self.occurred_at[piece], self.camera[piece],
                self.label[piece], self.count[piece], self.confidence[piece],
            )  # fmt: skip

    def keys(self) -> pa.Array:
        """Kafka key of each event, as text."""
        return pa.array(self._camera_ids(), pa.string()).take(pa.array(self.camera))

    def framed(self, schema_id: int) -> list[bytes]:
        """Each event as a Kafka value."""
        return self.values(schema_id).to_pylist()  # type: ignore[no-any-return]  # pyarrow

    def values(self, schema_id: int) -> pa.Array:
        """The same in one column."""
        size = len(self)
        batch = pa.record_batch(
            {
                "event_id": self.event_id,
                "occurred_at": pa.array(self.occurred_at, pa.timestamp("us", "UTC")),
                "source": ["frigate"] * size,
                "camera_id": self.keys(),
                "label": pa.array(LABELS).take(pa.array(self.label)),
                "count": pa.array(self.count, pa.int32()),
                "confidence": self.confidence,
                "lat": -1.61 + self.camera / 10_000,
                "lon": 103.61 + self.camera / 10_000,
            }
        )
        (bodies,) = pyruhvro.serialize_record_batch(batch, _SCHEMA, 1)
        return pc.binary_join_element_wise(contract.frame(schema_id, b""), bodies, b"")

    def _camera_ids(self) -> list[str]:
        return [camera_id(number) for number in range(int(max(self.camera)) + 1)]


def camera_id(number: int) -> str:
    """Code of a camera."""
    return f"CAM-{number:03d}"


def minutes(events: int, shape: Shape = EVEN) -> Iterator[Minute]:
    """The first `events` events; the last minute may be shorter, its tick still closes it."""
    for first in range(0, events, shape.a_minute):
        yield _minute(first, min(events, first + shape.a_minute), shape)


def _minute(first: int, stop: int, shape: Shape) -> Minute:
    index = np.arange(first, stop, dtype=np.uint64)
    base = START + index.astype(np.int64) * (moment.SECOND // shape.a_second)
    return Minute(
        end=START + (first // shape.a_minute + 1) * moment.MINUTE,
        event_id=[f"frigate:{number:012d}:detected" for number in range(first, stop)],
        occurred_at=base - _below(index, 1, DISORDER),
        camera=shape.camera(index),
        label=_below(index, 3, len(LABELS)),
        count=1 + _below(index, 4, 4),
        confidence=_below(index, 5, 1000) / 1000,
    )


def _below(index: Numbers, salt: int, limit: int) -> Ints:
    """SplitMix64 of each number, reduced: whole numbers from 0 to `limit` - 1."""
    with np.errstate(over="ignore"):
        mixed = (index * np.uint64(8) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) % np.uint64(limit)).astype(np.int64)
