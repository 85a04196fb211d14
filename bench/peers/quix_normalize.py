"""The normalize job in Quix Streams: `apply` on each message, then a topic by what came of it.

Decoded by msgspec, encoded by fastavro.  There is no state, so there is no changelog.
"""

from __future__ import annotations

from typing import Any

from bench.peers.frigate import ANNOTATED, DETECTED, LETTER, Normalizer
from bench.peers.options import FIRST, options, say
from bench.peers.quix_fold import Second, application


def main() -> None:
    """Run until stopped."""
    told = options()
    app = application(told)
    topic = app.topic(told.topic, value_deserializer="bytes", key_deserializer="bytes")
    outs = {
        name: app.topic(f"{told.out}.{name}", value_serializer=Second(), key_serializer="bytes")
        for name in (DETECTED, ANNOTATED, LETTER)
    }
    normalizer = Normalizer(told.detected_schema, told.annotated_schema)
    first = [True]

    def normalize(value: bytes, _key: Any, _at: int, headers: Any) -> Any:
        if first[0]:
            first[0] = False
            say(FIRST)
        (kind, key, framed), reason = normalizer.one(value, headers)
        return key, framed, kind, reason

    def headers(made: Any, _key: Any, _at: int, _headers: Any) -> list[tuple[str, bytes]]:
        return [("reject-reason", made[3].encode())] if made[3] else []

    made = app.dataframe(topic).apply(normalize, metadata=True).set_headers(headers)
    made.to_topic(lambda value, _key, _at, _headers: outs[value[2]], key=lambda value: value[0])
    app.run()


if __name__ == "__main__":
    main()
