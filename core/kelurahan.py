"""The kelurahan of Kota Jambi: Kemendagri codes, versioned by date.

Source: Kepmendagri 100.1.1-6117/2022, which made six of the 68 (catalogue KPI 12, V25).  Which six
is not in the catalogue, so before January 2023 only their number is known.
"""

from __future__ import annotations

from core import moment
from core.tables import AdminAreaTable

_SPLIT_AT = moment.parse("2023-01-01T00:00:00+07:00")
_BEFORE = 62


def count_at(at: int, areas: AdminAreaTable) -> int:
    """How many there were just before a moment, by the table in force then."""
    return len(areas.kelurahan) if at > _SPLIT_AT else _BEFORE
