"""Events as Kafka values: Avro in the Confluent wire format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastavro.read import SchemaResolutionError
from fastavro.schema import SchemaParseException

from core import contract
from core.events import Event
from core.outcome import Reason, Reject
from wire.registry import Schemas

_CITY = "city."


class Codec:
    """Encodes with our schemas; decodes what any released version of them wrote."""

    def __init__(self, ids: Mapping[str, int], registry: Schemas) -> None:
        """`ids` are the schema ids by event type, as `ensure_schemas` returns them.

        A codec that only decodes needs none; it then asks the registry once for each id.
        """
        self._ids = dict(ids)
        self._registry = registry
        self._writers: dict[int, Any] = {}

    def id_of(self, event_type: str) -> int:
        """Schema id with which values of the type are written."""
        return self._ids[event_type]

    def encode(self, event: Event) -> bytes:
        """Framed value of an event that `contract.flaw` has nothing against."""
        return contract.frame(self._ids[event.type], contract.encode(event))

    async def decode(self, topic: str, value: bytes | None) -> Event | Reject:
        """Event of a value read from `topic`: `city.<type>`, or the bare event type.

        Raises Retry when another version's schema is needed and the registry is away.
        """
        event_type = topic.removeprefix(_CITY)
        if not contract.is_known(event_type):
            return Reject(Reason.UNKNOWN_TYPE, f"no event type {event_type!r}", value or b"")
        framed = contract.unframe(value)
        if isinstance(framed, Reject):
            return framed
        schema_id, body = framed
        raw = value or b""
        try:
            writer = await self._writer(event_type, schema_id)
        except (LookupError, SchemaParseException, ValueError) as error:
            detail = f"schema id {schema_id}: {error}; register it, then send the record again"
            return Reject(Reason.UNKNOWN_SCHEMA, detail, raw)
        try:
            event = contract.decode(event_type, body, writer)
            problem = None if contract.surely_fits(event) else contract.unsound(event)
            return event if problem is None else Reject(Reason.INVALID, problem, raw)
        except SchemaResolutionError as error:
            detail = f"schema id {schema_id} is no version of {event_type}: {error}"
            return Reject(Reason.UNKNOWN_SCHEMA, detail, raw)
        except ValueError as error:
            return Reject(Reason.UNDECODABLE, f"schema id {schema_id}: {error}", raw)

    async def _writer(self, event_type: str, schema_id: int) -> Any:
        """None when the value was written with our own version: no resolution is needed."""
        if schema_id == self._ids.get(event_type):
            return None
        if schema_id not in self._writers:
            text = await self._registry.schema(schema_id)
            self._writers[schema_id] = contract.parse_writer(text)
        return self._writers[schema_id]
