"""A source's payload as a Kafka record: CloudEvents 1.0, Kafka binding, binary mode.

The value is the payload itself.  `received_at` (RFC 3339) and `h-<name>` carry what the edge
knew, so that a replay parses exactly what the first run parsed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from core import moment
from core.manifest import Raw
from core.outcome import Reason, Reject

Headers = list[tuple[str, bytes]]

RECEIVED_AT = "received_at"
_OWN = "h-"
_CONTENT_TYPE = "content-type"


def to_record(raw: Raw, connector: str) -> tuple[bytes, Headers]:
    """Value and headers of the record that carries `raw` in the topic of `connector`."""
    received = moment.rfc3339(raw.received_at).encode()
    headers: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", _identity(raw).encode()),
        ("ce_source", f"/jcoc/connectors/{connector}".encode()),
        ("ce_type", f"jcoc.raw.{connector}".encode()),
        ("ce_time", received),
        (RECEIVED_AT, received),
    ]
    if kind := raw.headers.get(_CONTENT_TYPE):
        headers.append((_CONTENT_TYPE, _encoded(kind)))
    headers.extend((_OWN + name, _encoded(value)) for name, value in raw.headers.items())
    return raw.body, headers


def from_record(value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> Raw | Reject:
    """The payload of a record; a Reject for a record that `to_record` cannot have made."""
    body = value or b""
    carried = {name: content or b"" for name, content in headers}
    received = carried.get(RECEIVED_AT)
    if value is None or received is None:
        what = "no value" if value is None else f"no {RECEIVED_AT!r} header"
        detail = f"{what}: only the edge writes raw topics (wire.envelope)"
        return Reject(Reason.MISSING_FIELD, detail, body)
    try:
        received_at = moment.parse(received.decode("ascii"))
    except ValueError as error:
        return Reject(Reason.INVALID, f"{RECEIVED_AT}: {error}", body)
    return Raw(body, received_at, own_headers(carried.items()))


def is_own(name: str) -> bool:
    """Whether a header of a record carries what the edge knew."""
    return name.startswith(_OWN)


def own_headers(carried: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """What the edge knew, of the headers of a record; the last of a name counts."""
    return {
        name.removeprefix(_OWN): content.decode("utf-8", "surrogateescape")
        for name, content in carried
        if is_own(name)
    }


def _identity(raw: Raw) -> str:
    """CloudEvents id: the sender's own where it has one, else a digest of the delivery."""
    if own := raw.headers.get("webhook-id"):
        return own.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    digest = hashlib.sha256(raw.body)
    digest.update(repr((raw.received_at, sorted(raw.headers.items()))).encode())
    return digest.hexdigest()[:32]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
