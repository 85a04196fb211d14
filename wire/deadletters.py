"""Rejected records in the `deadletter` topic: raw bytes as value, the story as headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import moment
from core.outcome import Reject

DETAIL_CHARS = 2_000
Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One rejected record.

    `index` is its offset in the dead letters, `origin` the `topic/partition/offset` that it came
    from; `at` is the moment of the rejection, None when the header is missing or malformed.
    """

    index: int
    reason: str
    detail: str
    connector: str
    topic: str
    partition: int
    offset: int
    at: int | None
    raw: bytes

    @property
    def origin(self) -> str:
        """Where the record was read: `topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def record(
    reject: Reject, *, connector: str, topic: str, partition: int, offset: int, at: int
) -> tuple[bytes, bytes, Headers]:
    """Key, value and headers of the dead letter; `at` is when it was rejected (moment).

    The key is the origin: the records of one payload stay together, and a payload that is
    processed again after a crash gives the same keys.
    """
    headers = [
        ("reject-reason", reject.reason.value.encode()),
        ("reject-detail", reject.detail[:DETAIL_CHARS].encode("utf-8", "replace")),
        ("connector", connector.encode()),
        ("origin-topic", topic.encode()),
        ("origin-partition", str(partition).encode()),
        ("origin-offset", str(offset).encode()),
        ("time", moment.rfc3339(at).encode()),
    ]
    return f"{topic}/{partition}/{offset}".encode(), reject.raw, headers


def read(kafka_record: Any) -> DeadLetter:
    """The dead letter of a consumer record; never raises, whoever wrote the record."""
    headers = _texts(kafka_record.headers)
    return DeadLetter(
        index=kafka_record.offset,
        reason=headers.get("reject-reason", "unknown"),
        detail=headers.get("reject-detail", ""),
        connector=headers.get("connector", ""),
        topic=headers.get("origin-topic", ""),
        partition=_whole(headers.get("origin-partition", "")),
        offset=_whole(headers.get("origin-offset", "")),
        at=_moment(headers.get("time", "")),
        raw=kafka_record.value or b"",
    )


def _texts(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    return {name: (value or b"").decode("utf-8", "replace") for name, value in headers}


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def _moment(text: str) -> int | None:
    try:
        return moment.parse(text)
    except ValueError:
        return None
