"""JSON bodies from outside, read so that one bad number costs only its own record."""

from __future__ import annotations

import json
from typing import Any

DEPTH = 32
"""Levels of nesting that a body may have; no source of ours needs more than 4."""


def load(body: bytes) -> Any:
    """The value of a JSON body in UTF-8, -16 or -32.  Raises ValueError, and nothing else.

    Numbers that no float or int can hold (1e400, NaN, 5,000 digits) come back as text, so that
    only the field that holds them is wrong.
    """
    try:
        value = json.loads(body, parse_float=_real, parse_int=_whole, parse_constant=str)
    except RecursionError as error:
        message = f"nested deeper than {DEPTH} levels"
        raise ValueError(message) from error
    _check_depth(value)
    return value


def dump(value: object) -> bytes:
    """Compact ASCII JSON: any text survives, lone surrogates too."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _real(text: str) -> float | str:
    value = float(text)
    return text if value in (float("inf"), float("-inf")) else value


def _whole(text: str) -> int | str:
    return text if len(text) > 400 else int(text)


def _check_depth(value: object) -> None:
    level: list[object] = [value]
    for _ in range(DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    message = f"nested deeper than {DEPTH} levels"
    raise ValueError(message)


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
