"""The kelurahan of Kota Jambi: Kemendagri codes, versioned by date.

Source: Kepmendagri 100.1.1-6117/2022, which made six of the 68 (catalogue KPI 12, V25).  Which six
is not in the catalogue, so before January 2023 only their number is known.
"""

from __future__ import annotations

from core import moment

_NUMBERS = {
    "15.71.01": "1001 1002 1003 1004 1010 1011 1012",
    "15.71.02": "1002 1003 1004 1005 1006",
    "15.71.03": "1001 1002 1003 1004 1005 1006 1007 1008 1010",
    "15.71.04": "1001 1002 1003 1004",
    "15.71.05": "1001 1002 1003 1004 1005 1006",
    "15.71.06": "1001 1002 1003 1004 1005",
    "15.71.07": "1001 1002 1004 1005 1006 1011 1012",
    "15.71.08": "1001 1002 1003 1004 1005 1006 1007",
    "15.71.09": "1001 1002 1003 1004 1005 1006 1007",
    "15.71.10": "1001 1002 1003 1004 1005",
    "15.71.11": "1001 1002 1003 1004 1005 1006",
}
KELURAHAN = frozenset(
    f"{kecamatan}.{number}" for kecamatan, numbers in _NUMBERS.items() for number in numbers.split()
)
"""All 68, as of January 2023."""
_SPLIT_AT = moment.parse("2023-01-01T00:00:00+07:00")
_BEFORE = 62


def count_at(at: int) -> int:
    """How many there were just before a moment."""
    return len(KELURAHAN) if at > _SPLIT_AT else _BEFORE
