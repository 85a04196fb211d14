"""A case file to bodies that each have the header and up to 500 rows."""

from __future__ import annotations

from collections.abc import Iterator

from core import csv_body

ROWS = 500
CHARACTERS = 400_000
"""Most text of a body; with it every body stays well under 1 MiB."""


def split(body: bytes) -> Iterator[bytes]:
    """Bodies that each parse by themselves; a file without rows is one body."""
    rows = csv_body.rows(csv_body.decode(body))
    header = _ended(next(rows, csv_body.Row("", ())).text)
    part: list[str] = []
    size = parts = 0
    for row in rows:
        if part and (len(part) == ROWS or size + len(row.text) > CHARACTERS):
            yield csv_body.encode(header + "".join(part))
            part, size, parts = [], 0, parts + 1
        part.append(_ended(row.text))
        size += len(row.text)
    if part or not parts:
        yield csv_body.encode(header + "".join(part))


def _ended(line: str) -> str:
    """The line with its end: the last one of a file may lack it."""
    return line if line.endswith(("\n", "\r")) or not line else f"{line}\n"
