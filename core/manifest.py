"""What a connector declares about itself; its CLI, topic, metrics and docs follow from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from core.bulk import Bulk, Columns
    from core.events import Event
    from core.outcome import Reject
    from core.privacy import Pseudonymizer

Kind = Literal["subscribe", "push", "poll", "import"]


@dataclass(frozen=True, slots=True)
class Raw:
    """One payload as the source sent it (personal fields apart).

    `headers` is what the transport knew: `topic` (MQTT), `content-type`, `file`.
    `received_at` is when the edge got it, microseconds UTC; it is stored with the record, so
    a replay sees the same value.
    """

    body: bytes
    received_at: int
    headers: Mapping[str, str] = field(default_factory=dict)


class Cursor(Protocol):
    """Where a source was read up to; kept in Kafka, so it survives a restart."""

    @property
    def value(self) -> str | None:
        """Last saved position, or None at the first start."""

    async def save(self, value: str) -> None:
        """Keep `value` once everything yielded before is acknowledged by the broker."""

    def alive(self) -> None:
        """Tell that the source was heard just now although it had no news to yield.

        Yielding and saving tell it too; so only an idle subscription needs this call.
        """


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """What to answer to a pushed request: 204 when accepted, 4xx with a reason otherwise."""

    status: int
    detail: str = ""


Parse = Callable[[Raw], "Iterator[Event | Reject]"]
"""Pure: bytes to outcomes.  One outcome for each record; never raises on bad input."""
BulkParse = Callable[["Bulk"], "Columns"]
"""Pure: the same outcomes as `parse` for the payloads it does not leave, in columns.

For high-volume sources.  At most one event of a payload, and no reject.
"""
Fetch = Callable[[Any, Cursor], AsyncIterator[Raw]]
"""Talks to the network, decides nothing about the data.  Raises only Retry or Halt.

It may run for ever, or return at the end of a pass: then it is called again after
`settings.interval` (a number of seconds or a timedelta), or after a minute without such a field.
"""
Verify = Callable[[Any, Mapping[str, str], bytes, int], WebhookReply]
"""(settings, lower-case HTTP headers, body, now) of a pushed request: may it come in?"""
Split = Callable[[bytes], "Iterator[bytes]"]
"""A file to bodies that each parse by themselves and stay well under 1 MiB."""


def whole(body: bytes) -> Iterator[bytes]:
    """The default split: the file is one record."""
    yield body


def keep(body: bytes, pseudonymizer: Pseudonymizer) -> bytes:  # noqa: ARG001 - a Redact
    """The default redaction: this source carries no personal field."""
    return body


@dataclass(frozen=True, slots=True)
class Manifest:
    """One source system.

    `name` is the folder's name and the `source` of its events unless a record names its channel.
    `emits` lists event types; `settings` is a pydantic-settings class with `env_prefix`
    `JCOC_<NAME>__`; every field has a docstring.  `personal` names the personal fields that
    `redact` replaces before anything reaches Kafka; `redact` raises ValueError for a body that it
    cannot read (the edge then scrubs it as text, and `parse` rejects it).
    `historical` sources may hold any time.
    `exempt` maps a conformance rule to the reason why it cannot be met.
    """

    name: str
    title: str
    title_id: str
    owner: str
    kind: Kind
    emits: tuple[str, ...]
    settings: type[Any]
    parse: Parse
    bulk: BulkParse | None = None
    fetch: Fetch | None = None
    verify: Verify | None = None
    split: Split = whole
    redact: Callable[[bytes, Pseudonymizer], bytes] = keep
    personal: tuple[str, ...] = ()
    historical: bool = False
    exempt: Mapping[str, str] = field(default_factory=dict)
