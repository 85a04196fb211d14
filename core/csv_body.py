"""CSV bodies from outside (RFC 4180), read so that one broken row costs only itself."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LINES = 64
"""Lines that one quoted record may span; a quote that is open for longer is a broken one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: as it stands in the file, and its cells; None when its quoting is broken."""

    text: str
    cells: tuple[str, ...] | None

    @property
    def raw(self) -> bytes:
        """The bytes of this record."""
        return encode(self.text)


def decode(body: bytes) -> str:
    """Text of a UTF-8 or (with a byte order mark) UTF-16 body; bad bytes become surrogates."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    return body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Bytes of a decoded text: the very ones it was read from, if those were UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def rows(text: str) -> Iterator[Row]:
    """Every record but blank lines.

    A record whose quoting does not end within `LINES` lines, or is otherwise broken, is its
    first line alone: reading goes on at the next line.
    """
    lines = list(io.StringIO(text, newline=""))
    at = 0
    while at < len(lines):
        row, taken = _row(lines[at : at + LINES])
        at += taken
        if row.text.strip():
            yield row


def line(cells: Iterable[str]) -> str:
    """One record as text, with its line end."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _row(lines: list[str]) -> tuple[Row, int]:
    reader = csv.reader(lines, strict=True)
    try:
        cells = next(reader, [])
    except csv.Error:
        return Row(lines[0], None), 1
    taken = reader.line_num
    return Row("".join(lines[:taken]), tuple(cells)), taken
