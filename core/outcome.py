"""How a record can go wrong.

Bad data is a value, so the type checker makes every caller handle it.
Bad weather is an exception, named for what the runtime must do next:

    Reject   this record is bad     park it in the dead letters, commit, go on
    Retry    the world is away      wait, then try the same thing again
    Halt     we are misconfigured   stop the process; a human is needed
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why a record was rejected: dead-letter header and metric label, so the set is closed."""

    UNDECODABLE = "undecodable"
    """Not JSON, XML, CSV or Avro at all, or in another encoding than declared."""
    INVALID = "invalid"
    """Decodable, but a field has a type or value that the contract does not allow."""
    MISSING_FIELD = "missing_field"
    """A field that the contract needs is absent or empty."""
    CONTRADICTORY = "contradictory"
    """Each field is fine, together they cannot be true (closed before opened)."""
    TIME_OUT_OF_RANGE = "time_out_of_range"
    """Before 2017-12-01 or more than 5 minutes ahead (convention C5), for live sources."""
    UNKNOWN_TYPE = "unknown_type"
    """A message kind that the connector does not know."""
    UNKNOWN_SCHEMA = "unknown_schema"
    """Avro framing names a schema id that the registry does not hold."""
    UNKNOWN_CODEC = "unknown_codec"
    """A compression or content encoding that cannot be read here."""
    PERSONAL_DATA = "personal_data"
    """Still carries personal data after pseudonymization (convention C13)."""
    TOO_LARGE = "too_large"
    """Over the size limit of its source."""
    TOO_LATE = "too_late"
    """Arrived after its cell became final (convention C5)."""
    LOW_CONFIDENCE = "low_confidence"
    """The analytics itself says that it hardly saw anything (`core.detections.doubtful`)."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One bad record, flowing beside the good ones.

    `detail` says what is wrong, where, and what to do; `raw` holds the bytes of this record alone.
    """

    reason: Reason
    detail: str
    raw: bytes

    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """Everything an operator needs to triage the record without the code."""
        return (
            ("reject-reason", self.reason.encode()),
            ("reject-detail", self.detail.encode("utf-8", "replace")),
        )


class Retry(Exception):
    """The other side is away; the same call may work after a pause."""

    def __init__(self, why: str, *, after: timedelta = timedelta(seconds=5)) -> None:
        """Ask the runtime to call again in `after`."""
        super().__init__(why)
        self.after = after


class Halt(Exception):
    """Going on would lose or corrupt data; stop and page."""
