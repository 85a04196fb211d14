"""Files of canonical events: JSON lines as `jcoc events --json` prints them, gzipped or not."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from typing import BinaryIO, cast

from core import contract
from core.events import Event
from core.outcome import Reason, Reject

_GZIP = b"\x1f\x8b"


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
                yield number, contract.from_line(line)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield number + 1, Reject(Reason.UNDECODABLE, f"not a whole gzip file: {error}", b"")
    finally:
        whole.detach()  # else it would close the caller's file
