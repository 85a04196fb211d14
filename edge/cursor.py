"""Where each source was read up to, kept in a compacted topic: key = connector, value = position.

The cursor may lag behind what was sent, never run ahead: after a crash the source is asked again
for what it may have given before, and event ids make the resend harmless.
"""

from __future__ import annotations

from collections.abc import Callable

from core import moment, topics
from edge.heartbeat import Now
from edge.outbox import Outbox
from edge.sink import Record
from wire.config import Kafka
from wire.patience import patiently
from wire.reader import read

EVERY = 5 * moment.SECOND


class KeptCursor:
    """The cursor that the runtime hands to `fetch`; see core.manifest.Cursor.

    `save` returns once everything yielded before is acknowledged.  Of positions that follow each
    other within `EVERY` only one is written, the last of them when `write` is called: a
    subscription saves many times a second.
    """

    def __init__(
        self,
        connector: str,
        value: str | None,
        outbox: Outbox,
        *,
        now: Now,
        heard: Callable[[], None],
        saved: Callable[[], None],
    ) -> None:
        """`value` is the position kept so far; `heard` and `saved` are told what happens."""
        self._connector = connector
        self._value = value
        self._outbox = outbox
        self._now = now
        self._heard = heard
        self._saved = saved
        self._written_at = 0
        self._written = value

    @property
    def value(self) -> str | None:
        """Last saved position, or None at the first start."""
        return self._value

    async def save(self, value: str) -> None:
        """Keep `value`; see the class."""
        self._heard()
        await self._outbox.settled()
        self._value = value
        if self._now() >= self._written_at + EVERY:
            await self.write()

    def alive(self) -> None:
        """The source was heard just now."""
        self._heard()

    async def write(self) -> None:
        """Write the last saved position, unless it is written."""
        if self._value is None:
            return
        if self._value != self._written:
            value, key = self._value.encode("utf-8"), self._connector.encode()
            await self._outbox.put(Record(topics.CURSORS, value, key=key))
            self._written = self._value
            self._written_at = self._now()
        self._saved()


async def saved_cursors(kafka: Kafka, *, patience_s: float | None = None) -> dict[str, str]:
    """Every kept cursor by connector.  Waits for the broker; see wire.reader.read."""

    async def all_of_them() -> dict[str, str]:
        kept: dict[str, str] = {}
        async for record in read(kafka, [topics.CURSORS], patience_s=0):
            name = (record.key or b"").decode("utf-8", "replace")
            if record.value is None:
                kept.pop(name, None)
            else:
                kept[name] = record.value.decode("utf-8", "replace")
        return kept

    return await patiently(all_of_them, patience_s=patience_s)
