"""Records that nobody can read, as a careless writer puts them among good ones."""

from __future__ import annotations

from collections.abc import Mapping

from core import contract

UNKNOWN_ID = 987_654
"""No registry of a benchmark gives out so many ids."""
_BODY = b"\x02a"


def kinds(schema_id: int) -> Mapping[str, bytes]:
    """By what is wrong with it, a Kafka value; `schema_id` is the right one."""
    return {
        "unreadable Avro": contract.frame(schema_id, b"\xff" * 40),
        "unknown schema id": contract.frame(UNKNOWN_ID, _BODY),
        "wrong magic": b"\x01" + contract.frame(schema_id, _BODY)[1:],
        "too short": b"\x00\x00",
    }
