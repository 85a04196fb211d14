"""What the webhook formats of the city's own apps share: records, cases, versions.

A body is one record or a list of records; each ends as outcomes of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core import json_body, moment
from core.events import Event, event_id
from core.fields import Fields, Flaw, invalid
from core.outcome import Reason, Reject

VERSION = 1
"""Version of the webhook formats of Sikesal and Sipaten that is spoken here."""

NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,63}")
"""A case number; without a colon, so that ids made of it stay unambiguous."""
PART = 200
"""Records of a part of a body that is too large for one Kafka record."""


def outcomes(body: bytes, read: Callable[[Fields], Iterable[Event]]) -> Iterator[Event | Reject]:
    """What `read` makes of each record; it may raise Flaw, which costs that record alone."""
    try:
        value = json_body.load(body)
    except ValueError as error:
        yield Reject(Reason.UNDECODABLE, f"not JSON: {error}", body)
        return
    for record in value if isinstance(value, list) else [value]:
        yield from _outcomes(record, read)


@dataclass(frozen=True, slots=True)
class Case:
    """Which case a record is about, when the step happened, and what tells two steps apart."""

    case_id: str
    number: str
    at: int
    count: int | None

    def event_id(self, step: str, *, once: bool) -> str:
        """Id of the step: by the app's own count, else by time unless it happens only once."""
        if self.count is not None:
            return event_id(self.case_id, step, str(self.count))
        return event_id(self.case_id, step, "" if once else moment.rfc3339(self.at))


def case(record: Fields, source: str) -> Case:
    """The case of a record by `nomor`, `waktu` and `urutan`.  Raises Flaw."""
    number = record.need_match("nomor", NUMBER, "SK-2026-000123")
    count = record.whole("urutan")
    if count is not None and count < 0:
        raise invalid(f"field 'urutan' is {count}, below 0")
    return Case(f"{source}:{number}", number, record.need_moment("waktu"), count)


def split(body: bytes) -> Iterator[bytes]:
    """A body to bodies of up to `PART` records.  Raises ValueError when it is not JSON."""
    value = json_body.load(body)
    if not isinstance(value, list):
        yield body
        return
    for start in range(0, len(value), PART):
        yield json_body.dump(value[start : start + PART])


def _outcomes(
    record: object, read: Callable[[Fields], Iterable[Event]]
) -> Iterable[Event | Reject]:
    raw = json_body.dump(record)
    if not isinstance(record, dict):
        detail = f"a record must be an object, not {type(record).__name__}"
        return (Reject(Reason.INVALID, detail, raw),)
    fields = Fields(record)
    try:
        _check_version(fields)
        return tuple(read(fields))
    except Flaw as flaw:
        return (flaw.reject(raw),)


def _check_version(fields: Fields) -> None:
    version = fields.need("versi")
    if version != str(VERSION):
        detail = f"field 'versi' is {version!r}; this backbone reads version {VERSION}"
        raise Flaw(Reason.UNKNOWN_TYPE, detail)
