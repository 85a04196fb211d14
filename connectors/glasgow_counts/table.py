"""A CSV text row by row, each with the text it was read from.  Pure.

`csv` decides where a row ends, so a quoted line break is part of its row.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

ROWS = 500
"""Rows of one part of a file."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells, its own text, and what `csv` has against it, if anything."""

    cells: tuple[str, ...]
    text: str
    flaw: str = ""


class _Lines:
    """The lines of a text, which the CSV reader takes and can be given back."""

    def __init__(self, text: str) -> None:
        self._waiting = deque(io.StringIO(text, newline=""))
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self._waiting:
            raise StopIteration
        self.taken.append(self._waiting.popleft())
        return self.taken[-1]

    def give_back_all_but_the_first(self) -> None:
        self._waiting.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def rows(text: str) -> Iterator[Row]:
    """Every row that is not blank, the header first.

    A quote that is never closed would take in the rest of the file: only its first line is bad.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True)
    while True:
        lines.taken = []
        try:
            cells, flaw = next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            cells, flaw = [], str(error)
            lines.give_back_all_but_the_first()
            reader = csv.reader(lines, strict=True)
        if flaw or any(cell.strip() for cell in cells):
            yield Row(tuple(cell.strip() for cell in cells), "".join(lines.taken), flaw)


def split(body: bytes) -> Iterator[bytes]:
    """The header with up to `ROWS` rows each; a file that is not UTF-8 whole, to be rejected."""
    try:
        header, *found = rows(body.decode("utf-8-sig"))
    except ValueError:
        yield body
        return
    for start in range(0, max(len(found), 1), ROWS):
        part = [header, *found[start : start + ROWS]]
        yield "".join(_ended(row.text) for row in part).encode()


def _ended(line: str) -> str:
    return line if line.endswith(("\n", "\r")) else f"{line}\n"
