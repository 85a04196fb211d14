"""A file of many records in parts that each parse by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.frigate.payload import Part, parts

LARGEST = 256 * 1024
"""Bytes of a part, unless one record alone is larger."""


def split(body: bytes) -> Iterator[bytes]:
    """Lists and JSON lines by their records, anything else whole; no byte of a record changes."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield body
        return
    found = list(parts(text))
    whole = all(isinstance(part, Part) for part in found)
    if whole and text.lstrip().startswith("["):
        records = [part.text for part in found if isinstance(part, Part)]
        yield from _grouped(records, "[", ",\n", "]")
    elif _is_json_lines(text):
        yield from _grouped([line for line in text.split("\n") if line.strip()], "", "\n", "\n")
    else:
        yield body


def _is_json_lines(text: str) -> bool:
    """Whether the first of several lines is a whole record: then a broken line costs itself."""
    first, _, rest = text.strip().partition("\n")
    return bool(rest) and [type(part) for part in parts(first)] == [Part]


def _grouped(records: list[str], first: str, between: str, last: str) -> Iterator[bytes]:
    group: list[str] = []
    size = 0
    for record in records:
        if group and size + len(record.encode()) > LARGEST:
            yield (first + between.join(group) + last).encode()
            group, size = [], 0
        group.append(record)
        size += len(record.encode())
    if group:
        yield (first + between.join(group) + last).encode()
