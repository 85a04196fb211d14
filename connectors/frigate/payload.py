"""Frigate's JSON, read so that one bad value costs one record.

Numbers become `Decimal` of their own text: a time in seconds keeps its microseconds, and a
number that no float or int can hold spoils nothing but its own field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from core import moment
from core.outcome import Reason, Reject

Record = Mapping[str, Any]

_YEAR_10000 = Decimal(253_402_300_800)
_BLANK = re.compile(r"[ \t\n\r]*")


class Flaw(ValueError):
    """What is wrong with one record; `parse` makes the Reject of it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Say what is wrong, where, and what to do; never show a value that may be personal."""
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Part:
    """One JSON value of a payload and the text that it was read from."""

    value: Any
    text: str


def number(text: str) -> Decimal | float:
    """The exact number; NaN when its exponent is beyond any arithmetic."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return float("nan")


EXACT = json.JSONDecoder(parse_float=number, parse_int=number)


def parts(text: str, decoder: json.JSONDecoder = EXACT) -> Iterator[Part | Reject]:
    """Each element of a JSON list, or each of the values that follow each other.

    Where the text stops being JSON, what is left of it is one reject.
    """
    at = _skip(text, 0)
    inside = text.startswith("[", at)
    at = _skip(text, at + inside)
    read = 0
    while at < len(text) and not (inside and text[at] == "]"):
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield _left(f"not JSON: {error}", text[at if read else 0 :])
            return
        yield Part(value, text[at:end])
        read = end
        at = _skip(text, end)
        if inside and text.startswith(",", at):
            at = _skip(text, at + 1)
        elif inside and not text.startswith("]", at):
            yield _left("not JSON: a list goes on without a comma or ends without ]", text[at:])
            return
    closed = _skip(text, at + 1) if inside else at
    if closed < len(text):
        yield _left("not JSON: something follows the list", text[closed:])


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _left(detail: str, text: str) -> Reject:
    return Reject(Reason.UNDECODABLE, detail, own(text))


def own(text: str) -> bytes:
    """The bytes of one record; text inside a captured message may hold half a surrogate pair."""
    return text.encode("utf-8", "surrogatepass")


def dump(value: Any) -> bytes:
    """A part of a record as JSON again, for a reject."""
    return json.dumps(value, default=float).encode()


def child(record: Record, name: str) -> Record:
    """The JSON object in a field.  Raises Flaw."""
    value = record.get(name)
    if value is None:
        raise Flaw(Reason.MISSING_FIELD, f"field {name!r} is missing")
    if not isinstance(value, dict):
        raise Flaw(Reason.INVALID, f"field {name!r} must be an object, not {_kind(value)}")
    return value


def text(record: Record, name: str) -> str:
    """A text field that must hold something.  Raises Flaw."""
    value = record.get(name)
    if value is None or value == "":
        raise Flaw(Reason.MISSING_FIELD, f"field {name!r} is missing or empty")
    if not isinstance(value, str):
        raise Flaw(Reason.INVALID, f"field {name!r} must be text, not {_kind(value)}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        detail = f"field {name!r} holds half a surrogate pair at position {error.start}"
        raise Flaw(Reason.INVALID, detail) from error
    return value


def real(record: Record, name: str, most: int) -> float | None:
    """A number from 0 to `most`; None when absent or null.  Raises Flaw."""
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, Decimal):
        raise Flaw(Reason.INVALID, f"field {name!r} must be a number, not {_kind(value)}")
    if not 0 <= value <= most:
        raise Flaw(Reason.INVALID, f"field {name!r} must be from 0 to {most}")
    return float(value)


def time(record: Record, name: str) -> int:
    """A moment: seconds since 1970 or RFC 3339 text with its offset.  Raises Flaw."""
    value = record.get(name)
    if value is None:
        raise Flaw(Reason.MISSING_FIELD, f"time {name!r} is missing")
    if isinstance(value, str):
        try:
            at = moment.parse(value)
            moment.rfc3339(at)
        except (ValueError, OverflowError) as error:
            raise Flaw(Reason.INVALID, f"time {name!r}: {error}") from error
        return at
    if not isinstance(value, Decimal):
        detail = f"time {name!r} must be seconds since 1970, not {_kind(value)}"
        raise Flaw(Reason.INVALID, detail)
    return seconds(value, name)


def seconds(value: Decimal, name: str) -> int:
    """Moment of exact seconds since 1970, whole microseconds.  Raises Flaw."""
    if not 0 <= value < _YEAR_10000:
        detail = f"time {name!r} must be seconds from 1970 to 9999 (not milliseconds)"
        raise Flaw(Reason.TIME_OUT_OF_RANGE, detail)
    whole = int(value)
    return whole * moment.SECOND + int((value - whole) * moment.SECOND)


def _kind(value: Any) -> str:
    if isinstance(value, float):
        return "NaN, Infinity or a number out of all range"
    return {dict: "an object", list: "a list", str: "text", bool: "true or false"}.get(
        type(value), "a number"
    )
