"""A pushed JSON body is one record or a list of records; each ends as its own outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core import json_body
from core.events import Event
from core.fields import Fields, Flaw
from core.outcome import Reason, Reject

VERSION = 1
"""Version of the webhook formats of Sikesal and Sipaten that is spoken here."""


def outcomes(body: bytes, read: Callable[[Fields], Event]) -> Iterator[Event | Reject]:
    """What `read` makes of each record; it may raise Flaw, which costs that record alone."""
    try:
        value = json_body.load(body)
    except ValueError as error:
        yield Reject(Reason.UNDECODABLE, f"not JSON: {error}", body)
        return
    for record in value if isinstance(value, list) else [value]:
        yield _outcome(record, read)


def _outcome(record: object, read: Callable[[Fields], Event]) -> Event | Reject:
    raw = json_body.dump(record)
    if not isinstance(record, dict):
        detail = f"a record must be an object, not {type(record).__name__}"
        return Reject(Reason.INVALID, detail, raw)
    fields = Fields(record)
    try:
        _check_version(fields)
        return read(fields)
    except Flaw as flaw:
        return flaw.reject(raw)


def _check_version(fields: Fields) -> None:
    version = fields.need("versi")
    if version != str(VERSION):
        detail = f"field 'versi' is {version!r}; this backbone reads version {VERSION}"
        raise Flaw(Reason.UNKNOWN_TYPE, detail)
