"""The normalize job as Faust's documentation would do it: one message at a time, `topic.send`.

Decoded by msgspec, encoded by fastavro.  An event's send is awaited until the producer has it, not
until it is acknowledged; Faust flushes before it commits.  Its settings are those of the fold.
"""

from __future__ import annotations

from typing import Any

import faust

from bench.peers.frigate import ANNOTATED, DETECTED, LETTER, Normalizer
from bench.peers.options import FIRST, options, say
from bench.plain_faust import MAKES, app_of

__all__ = ["MAKES"]


def build(told: Any) -> Any:
    """The app: one agent."""
    app = app_of(told.group, told.bootstrap, told.folder)
    raw = app.topic(told.topic, key_type=bytes, value_type=bytes, key_serializer="raw",
                    value_serializer="raw")  # fmt: skip
    outs = {
        name: app.topic(f"{told.out}.{name}", key_serializer="raw", value_serializer="raw")
        for name in (DETECTED, ANNOTATED, LETTER)
    }
    normalizer = Normalizer(told.detected_schema, told.annotated_schema)

    async def normalize(stream: Any) -> None:
        first = True
        async for event in stream.events():
            if first:
                first = False
                say(FIRST)
            (kind, key, value), reason = normalizer.one(event.value, event.headers)
            headers = {"reject-reason": reason.encode()} if reason else None
            await outs[kind].send(key=key, value=value, headers=headers)

    app.agent(raw, name="normalize")(normalize)
    return app


def main() -> None:
    """Run until stopped."""
    worker = faust.Worker(build(options()), loglevel="WARN", redirect_stdouts=False, debug=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
