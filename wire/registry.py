"""The schema registry: the Confluent REST interface, which Apicurio speaks too."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self

import aiohttp

from core import contract, topics
from core.outcome import Halt, Retry
from wire.compatibility import clashes
from wire.patience import patiently

LEVEL = "BACKWARD_TRANSITIVE"
"""A new schema reads everything ever written: events are kept for ever."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_REFUSED = (409, 422)


class Schemas(Protocol):
    """What the backbone asks of a registry; `Registry` and `FakeRegistry` both do it."""

    async def register(self, subject: str, schema_text: str) -> int:
        """Id of the schema, the same each time.  Raises Halt when the subject refuses it."""

    async def schema(self, schema_id: int) -> str:
        """The schema text.  Raises LookupError for an id that the registry does not hold."""

    async def compatible(self, subject: str, schema_text: str) -> bool:
        """Whether the subject would take the schema; True for a new subject."""

    async def set_compatibility(self, subject: str, level: str) -> bool:
        """Set the subject's level; False when the subject must be registered first."""


async def ensure_schemas(
    registry: Schemas, types: Iterable[str] | None = None, *, patience_s: float | None = None
) -> dict[str, int]:
    """Register the schemas of `types` (all) under `city.<type>-value`; ids by event type.

    Waits while the registry is away.  Raises Halt when it refuses a schema as incompatible.
    """

    ids = {}
    for event_type in contract.types() if types is None else types:
        settled = partial(_settle, registry, event_type)
        ids[event_type] = await patiently(settled, patience_s=patience_s)
    return ids


async def _settle(registry: Schemas, event_type: str) -> int:
    subject = f"{topics.city(event_type)}-value"
    # First, so that a version which does not fit what is already there cannot slip in.
    guarded = await registry.set_compatibility(subject, LEVEL)
    schema_id = await registry.register(subject, contract.schema_text(event_type))
    if not guarded:
        await registry.set_compatibility(subject, LEVEL)
    return schema_id


class Registry:
    """A registry at `url`, such as http://127.0.0.1:8081/apis/ccompat/v7.

    An async context manager.  Every call raises Retry when the registry is away.
    """

    def __init__(self, url: str) -> None:
        """`url` is the root of the Confluent-compatible interface."""
        self._url = url.rstrip("/")
        self._known: dict[int, str] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()

    async def register(self, subject: str, schema_text: str) -> int:
        """See `Schemas`."""
        body = {"schema": schema_text, "schemaType": "AVRO"}
        status, answer = await self._call("POST", f"subjects/{subject}/versions", body)
        if status in _REFUSED:
            raise Halt(_refusal(subject, answer.get("message", answer)))
        schema_id = int(self._good(status, answer)["id"])
        await self._own(subject, schema_text, schema_id)
        return schema_id

    async def _own(self, subject: str, schema_text: str, schema_id: int) -> None:
        # Apicurio takes a schema for one that it holds when only defaults or docs differ, and
        # then does not ask whether it is compatible.
        held = json.loads(await self.schema(schema_id))
        if held != json.loads(schema_text) and not await self.compatible(subject, schema_text):
            raise Halt(_refusal(subject, f"it clashes with a version beside schema {schema_id}"))

    async def schema(self, schema_id: int) -> str:
        """See `Schemas`; answers are cached, because an id never changes its schema."""
        if schema_id not in self._known:
            status, answer = await self._call("GET", f"schemas/ids/{schema_id}")
            if status in (400, 404):
                raise LookupError(f"the registry holds no schema {schema_id}")
            self._known[schema_id] = str(self._good(status, answer)["schema"])
        return self._known[schema_id]

    async def compatible(self, subject: str, schema_text: str) -> bool:
        """See `Schemas`."""
        path = f"compatibility/subjects/{subject}/versions"
        body = {"schema": schema_text, "schemaType": "AVRO"}
        status, answer = await self._call("POST", path, body)
        if status == 404:
            return True
        if status in _REFUSED:
            return False
        return bool(self._good(status, answer)["is_compatible"])

    async def set_compatibility(self, subject: str, level: str) -> bool:
        """See `Schemas`."""
        status, answer = await self._call("PUT", f"config/{subject}", {"compatibility": level})
        if status == 404:
            return False
        if status == 409:
            # Apicurio's answer to two that set the level of a new subject at the same moment.
            raise Retry(f"another process is setting the compatibility of {subject}")
        self._good(status, answer)
        return True

    async def _call(
        self, method: str, path: str, body: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        if self._session is None:
            raise Halt("Registry is used outside its `async with`")
        try:
            async with self._session.request(method, f"{self._url}/{path}", json=body) as answer:
                text = await answer.text()
                if answer.status >= 500:
                    raise Retry(f"the registry answered HTTP {answer.status}: {text[:200]}")
                return answer.status, json.loads(text or "{}")
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise Retry(f"no registry at {self._url}: {type(error).__name__} {error}") from error

    def _good(self, status: int, answer: dict[str, Any]) -> dict[str, Any]:
        if status >= 400:
            raise Halt(f"the registry at {self._url} answered HTTP {status}: {answer}")
        return answer


class FakeRegistry:
    """A registry in memory for tests; while `away` is set every call raises Retry."""

    def __init__(self) -> None:
        """Start empty."""
        self.away = False
        self._texts: list[str] = []
        self._subjects: dict[str, list[str]] = {}
        self._guarded: set[str] = set()

    async def register(self, subject: str, schema_text: str) -> int:
        """See `Schemas`."""
        self._weather()
        versions = self._subjects.setdefault(subject, [])
        if schema_text not in versions:
            if found := self._clashes(subject, schema_text):
                raise Halt(_refusal(subject, "; ".join(found)))
            versions.append(schema_text)
        if schema_text not in self._texts:
            self._texts.append(schema_text)
        return self._texts.index(schema_text) + 1

    async def schema(self, schema_id: int) -> str:
        """See `Schemas`."""
        self._weather()
        if not 1 <= schema_id <= len(self._texts):
            raise LookupError(f"the registry holds no schema {schema_id}")
        return self._texts[schema_id - 1]

    async def compatible(self, subject: str, schema_text: str) -> bool:
        """See `Schemas`."""
        self._weather()
        return not self._clashes(subject, schema_text)

    async def set_compatibility(self, subject: str, level: str) -> bool:
        """See `Schemas`; knows the levels NONE and BACKWARD_TRANSITIVE."""
        self._weather()
        if subject not in self._subjects:
            return False
        (self._guarded.add if level == LEVEL else self._guarded.discard)(subject)
        return True

    def _clashes(self, subject: str, text: str) -> list[str]:
        if subject not in self._guarded:
            return []
        return [flaw for old in self._subjects.get(subject, ()) for flaw in clashes(text, old)]

    def _weather(self) -> None:
        if self.away:
            raise Retry("the registry is away")


def _refusal(subject: str, why: object) -> str:
    return (
        f"the registry refuses the schema of {subject}: {why}; a released schema is followed by a "
        "compatible version (new fields nullable with default null), never edited"
    )
