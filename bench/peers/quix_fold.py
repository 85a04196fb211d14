"""The fold job in Quix Streams: a tumbling window by camera, reduced to totals by label.

The key of the topic is the camera, so a window by camera needs no repartition; its value holds
the totals of each label.  Windows of a partition close together, when event time has passed
their end by 5 seconds of grace: the ticks in each partition move event time on, too.  State is
in RocksDB with a changelog topic.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from quixstreams import Application
from quixstreams.models.serializers import Deserializer, Serializer

from bench.peers.avro import LEAST_CONFIDENCE, read
from bench.peers.options import FIRST, options, say
from bench.peers.settings import QUIX_APPLICATION, READING, WRITING

MINUTE_MS = 60_000
GRACE_MS = 5_000


class Avro(Deserializer):
    """Framed events and ticks, both as they are."""

    def __init__(self, tick_schema: int) -> None:
        """Ticks are known by their schema id."""
        super().__init__()
        self.tick_schema = tick_schema
        self.first = True

    def __call__(self, value: bytes, ctx: Any) -> dict[str, Any]:  # noqa: ARG002 - Quix's signature
        """The record."""
        if self.first:
            self.first = False
            say(FIRST)
        return read(value, self.tick_schema)[1]


class Second(Serializer):
    """Of a key and a value that were made together, the value."""

    def __call__(self, value: tuple[bytes, bytes], ctx: Any) -> bytes:  # noqa: ARG002 - as above
        """The value."""
        return value[1]


class Rejects:
    """How many were too unsure."""

    def __init__(self) -> None:
        """None yet."""
        self.count = 0

    def passes(self, seen: dict[str, Any]) -> bool:
        """Whether the event counts; a tick always passes, it has to move time on."""
        confidence = seen.get("confidence")
        if confidence is not None and confidence < LEAST_CONFIDENCE:
            self.count += 1
            return False
        return True


def begin(seen: dict[str, Any]) -> dict[str, Any]:
    """The window's value after its first event."""
    return reduce({}, seen)


def reduce(held: dict[str, Any], seen: dict[str, Any]) -> dict[str, Any]:
    """The window's value after another event."""
    label = seen.get("label")
    if label is None:
        return held
    total, events, best = held.get(label, (0, 0, -1.0))
    confidence = seen["confidence"]
    best = best if confidence is None else max(best, confidence)
    held[label] = (total + seen["count"], events + 1, best)
    return held


def application(told: Any) -> Application:
    """The application of either job, set for throughput."""
    return Application(
        broker_address=told.bootstrap,
        consumer_group=told.group,
        state_dir=told.folder,
        consumer_extra_config=READING,
        producer_extra_config=WRITING,
        **QUIX_APPLICATION,
    )


def main() -> None:
    """Run until stopped."""
    told = options()
    app = application(told)
    topic = app.topic(
        told.topic,
        value_deserializer=Avro(told.tick_schema),
        key_deserializer="bytes",
        timestamp_extractor=lambda value, _headers, _at, _kind: value["occurred_at"] // 1000,
    )
    out = app.topic(told.out, value_serializer=Second(), key_serializer="bytes")
    rejects = Rejects()

    def cells(
        window: dict[str, Any], key: Any, _at: int, _headers: Any
    ) -> Iterator[tuple[bytes, bytes]]:
        if key == b"tick":
            yield b"rejected|all", str(rejects.count).encode()
            return
        minute = window["start"] // MINUTE_MS
        for label, totals in window["value"].items():
            name = f"{minute}|{key.decode()}|{label}".encode()
            yield name, json.dumps([window["end"], *totals]).encode()

    windows = (
        app.dataframe(topic)
        .filter(rejects.passes)
        .tumbling_window(MINUTE_MS, grace_ms=GRACE_MS)
        .reduce(reducer=reduce, initializer=begin)
        .final(closing_strategy="partition")
    )
    said = windows.apply(lambda w, k, t, h: list(cells(w, k, t, h)), expand=True, metadata=True)
    said.to_topic(out, key=lambda item: item[0])
    app.run()


if __name__ == "__main__":
    main()
