"""Standard Webhooks signatures: who sent this body, and that it was just now.

Rules: https://github.com/standard-webhooks/standard-webhooks, specification 1.0.0.  Signed is
`id.timestamp.body` with HMAC-SHA256; everything is compared as raw bytes, because a body may be
in any encoding.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence

from core import moment
from core.manifest import WebhookReply

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"
TOLERANCE = 5 * moment.MINUTE
"""How far the sender's timestamp may lie from our clock, before and after."""

_PREFIX = "whsec_"
_SCHEME = "v1,"
_SIGNATURES = 32
_WHOLE_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def key_of(secret: str) -> bytes:
    """Key of a `whsec_<base64>` secret.  Raises ValueError that does not show the secret."""
    text = secret.strip()
    if not text.startswith(_PREFIX):
        message = f"a webhook secret starts with {_PREFIX}"
        raise ValueError(message)
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        message = f"a webhook secret is {_PREFIX} and base64 with padding"
        raise ValueError(message) from None
    if not 24 <= len(key) <= 64:
        message = f"a webhook secret holds 24 to 64 bytes, this one {len(key)}"
        raise ValueError(message)
    return key


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """One `v1,<base64>` entry of the signature header."""
    digest = _digest(key, message_id, timestamp, body)
    return _SCHEME + base64.b64encode(digest).decode("ascii")


def signed_headers(secret: str, message_id: str, now: int, body: bytes) -> dict[str, str]:
    """The three headers that a sender adds to `body` at moment `now`."""
    timestamp = str(now // moment.SECOND)
    return {
        ID: message_id,
        TIMESTAMP: timestamp,
        SIGNATURE: sign(key_of(secret), message_id, timestamp, body),
    }


def verify(
    keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: int
) -> WebhookReply:
    """204, or 400 for headers that cannot be read, 401 for a sender that cannot be believed.

    `headers` have lower-case names, `now` is a moment.  Several keys and several signatures are
    for rotation: one pair that fits is enough.
    """
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not headers.get(name)]
    if missing:
        return WebhookReply(400, f"header {missing[0]} is missing or empty")
    if not headers[ID].isprintable():
        return WebhookReply(400, f"header {ID} holds characters that cannot be printed")
    timestamp = headers[TIMESTAMP]
    if not _WHOLE_SECONDS.fullmatch(timestamp):
        return WebhookReply(400, f"header {TIMESTAMP} must be whole seconds since 1970")
    off = int(timestamp) * moment.SECOND - now
    if abs(off) > TOLERANCE:
        side = "ahead of" if off > 0 else "behind"
        detail = f"{TIMESTAMP} is {abs(off) // moment.SECOND} s {side} our clock, over 300 s"
        return WebhookReply(401, detail)
    entries = headers[SIGNATURE].split(" ")
    if len(entries) > _SIGNATURES:
        return WebhookReply(400, f"header {SIGNATURE} has over {_SIGNATURES} entries")
    offered = tuple(_offered(entries))
    if not offered:
        return WebhookReply(400, f"header {SIGNATURE} holds no v1,<base64 of 32 bytes>")
    if not keys:
        return WebhookReply(401, "no secret is set for this source, so nobody can be believed")
    if _any_fits(keys, offered, headers[ID], timestamp, body):
        return WebhookReply(204)
    return WebhookReply(401, f"no signature in {SIGNATURE} fits this id, timestamp and body")


def _offered(entries: Sequence[str]) -> Iterator[bytes]:
    """Digests of the entries of our scheme; other schemes and malformed ones do not count."""
    for entry in entries:
        if not entry.startswith(_SCHEME):
            continue
        try:
            digest = base64.b64decode(entry.removeprefix(_SCHEME), validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(digest) == hashlib.sha256().digest_size:
            yield digest


def _any_fits(
    keys: Sequence[bytes], offered: Sequence[bytes], message_id: str, timestamp: str, body: bytes
) -> bool:
    expected = [_digest(key, message_id, timestamp, body) for key in keys]
    # All pairs are compared, so that the time taken does not tell which one fits.
    fits = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in offered]
    return any(fits)


def _digest(key: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    head = f"{message_id}.{timestamp}.".encode()
    return hmac.new(key, head + body, hashlib.sha256).digest()
