"""The kelurahan of Kota Jambi: Kemendagri codes, versioned by date.

Source: Kepmendagri 100.1.1-6117/2022, which made six of the 68 (catalogue KPI 12, V25).  Which six
is not in the catalogue, so before January 2023 only their number is known.
"""

from __future__ import annotations

from core import moment
from core.tables import AdminAreaTable, shipped

KELURAHAN = frozenset(shipped(AdminAreaTable).kelurahan)
"""All 68, as of January 2023."""
_SPLIT_AT = moment.parse("2023-01-01T00:00:00+07:00")
_BEFORE = 62


def count_at(at: int) -> int:
    """How many there were just before a moment."""
    return len(KELURAHAN) if at > _SPLIT_AT else _BEFORE
