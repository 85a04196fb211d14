"""What happens to a payload before Kafka sees it: persons are hidden, giants are parted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator

from core.manifest import Manifest, Raw
from core.normalize import CUT_FROM
from core.privacy import Pseudonymizer, scrub

LARGEST_BYTES = 900 * 1024
"""Largest body of one record; Kafka's default limit of 1 MiB must also hold the headers."""

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What a connector's halves raise for a body that they cannot read, all bad data."""


def intake(manifest: Manifest, raw: Raw, pseudonymizer: Pseudonymizer) -> Iterator[Raw]:
    """What to send for `raw`: pseudonymized, each within `LARGEST_BYTES`, none left out.

    A payload over the limit is parted by the manifest's `split` (header `part`); what is still
    over it is cut and marked with its full size and digest, and becomes a reject downstream.
    """
    bodies = [raw.body] if len(raw.body) <= LARGEST_BYTES else parts(manifest, raw.body)
    for number, body in enumerate(bodies):
        marks = {"part": str(number)} if len(bodies) > 1 else {}
        hidden = redacted(manifest, body, pseudonymizer)
        if len(hidden) > LARGEST_BYTES:
            digest = hashlib.sha256(hidden).hexdigest()
            marks[CUT_FROM] = f"{len(hidden)} bytes, sha256 {digest}"
            hidden = hidden[:LARGEST_BYTES]
        yield Raw(hidden, raw.received_at, {**raw.headers, **marks})


def parts(manifest: Manifest, body: bytes) -> list[bytes]:
    """The body in the manifest's parts; whole when it cannot be split."""
    try:
        return list(manifest.split(body))
    except UNREADABLE:
        return [body]


def redacted(manifest: Manifest, body: bytes, pseudonymizer: Pseudonymizer) -> bytes:
    """The body without its personal fields; scrubbed as text when the connector cannot read it."""
    try:
        return manifest.redact(body, pseudonymizer)
    except UNREADABLE:
        return scrubbed(body, manifest.personal)


def scrubbed(body: bytes, personal: tuple[str, ...]) -> bytes:
    """Any bytes without what looks personal: `personal` fields by name, the rest by pattern.

    For bodies that nobody can parse, so it guesses where a value ends and rather hides too much.
    """
    # A guess at the encoding may be wrong: what looks like UTF-16 is read as UTF-8 too.
    guess = json.detect_encoding(body)
    if not guess.startswith("utf-8"):
        whole_letters = len(body) // 4 * 4
        head, tail = body[:whole_letters], body[whole_letters:]
        with contextlib.suppress(UnicodeDecodeError):
            text = _hidden(head.decode(guess, "surrogatepass"), personal)
            body = text.encode(guess, "surrogatepass") + tail
    return _hidden(body.decode("utf-8", "surrogateescape"), personal).encode(
        "utf-8", "surrogateescape"
    )


def _hidden(text: str, personal: tuple[str, ...]) -> str:
    for field in personal:
        text = _by_name(field.rpartition(".")[2]).sub(r"\1[hidden]", text)
    return scrub(text)


def _by_name(field: str) -> re.Pattern[str]:
    """The field's value after `"field":` or `<field>` or `field=`, to the end of what it may be."""
    name = re.escape(field)
    json_value = rf'("{name}"\s{{0,9}}:\s{{0,9}})(?:"(?:[^"\\]|\\.)*"?|[^,}}\]\s"]+)'
    return re.compile(rf"{json_value}|(?<=<{name}>)[^<]+|(?<={name}=)[^&\s]+", re.DOTALL)
