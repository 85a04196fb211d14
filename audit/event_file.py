"""Files of canonical events: JSON lines as `jcoc events --json` prints them, gzipped or not."""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedReader, RawIOBase
from typing import BinaryIO, cast

from core import contract
from core.events import Event
from core.fields import FIRST, LAST
from core.outcome import Reason, Reject

_GZIP = b"\x1f\x8b"
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def lines(file: BinaryIO) -> Iterator[tuple[int, Event | Reject]]:
    """Number (from 1) and outcome of every line that is not blank; never raises on bad content.

    A gzip file that breaks off ends with a reject at the line where it does.
    """
    whole = BufferedReader(cast("RawIOBase", file))
    packed = whole.peek(2).startswith(_GZIP)
    plain = cast("BinaryIO", gzip.GzipFile(fileobj=whole) if packed else whole)
    number = 0
    try:
        for number, line in enumerate(plain, 1):
            if not line.isspace():
                yield number, outcome(line)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield number + 1, Reject(Reason.UNDECODABLE, f"not a whole gzip file: {error}", b"")
    finally:
        whole.detach()  # else it would close the caller's file


def outcome(line: bytes) -> Event | Reject:
    """The event of a line, or what is wrong with it.

    Beside the contract: moments lie between 1970 and 2200, numbers are finite and texts can be
    written down again, as a connector ensures for what comes through Kafka.
    """
    event = contract.from_line(line)
    if isinstance(event, Reject):
        return event
    fields = {"occurred_at": event.occurred_at, **event.fields}
    for name in ("occurred_at", *contract.moment_fields(event.type)):
        at = fields.get(name)
        if isinstance(at, int) and not FIRST <= at <= LAST:
            return Reject(Reason.TIME_OUT_OF_RANGE, f"{name} is not between 1970 and 2200", line)
    if not _writable((event.event_id, event.source, *event.fields.values())):
        return Reject(Reason.INVALID, "a number without end or half a character", line)
    return event


def _writable(values: Iterable[object]) -> bool:
    for value in values:
        if isinstance(value, float) and not math.isfinite(value):
            return False
        if isinstance(value, str) and not value.isascii() and _HALF_CHARACTER.search(value):
            return False
    return True
