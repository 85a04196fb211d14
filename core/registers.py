"""What codes the city knows: its agencies, categories of complaints, kecamatan and kelurahan.

A code that is not here is data all the same: its case counts for the city, and its scope below is
`unknown`.  Capitals do not matter.  A source that brings its own promise (`sla_basis` "source")
brings its own registers too, and is taken at its word.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.kelurahan import KELURAHAN
from core.matter_tables import CategoryTable, IncidentClassTable
from core.tables import OpdTable, shipped

UNKNOWN = "unknown"
"""The scope of a code that is in no register."""

KECAMATAN = frozenset(code[:8] for code in KELURAHAN)
"""The 11 of them."""
AGENCIES = frozenset(shipped(OpdTable).names)
"""Agencies that a complaint may be handed to."""
CATEGORIES = frozenset({*shipped(CategoryTable).names, *shipped(IncidentClassTable).classes})
"""Categories of complaints, and the classes of incidents, which some sources name instead."""
_KNOWN: Mapping[str, frozenset[str]] = {
    "opd": AGENCIES | KECAMATAN | KELURAHAN,
    "category": CATEGORIES,
    "kecamatan": KECAMATAN,
    "kelurahan": KELURAHAN,
}
NOTHING_SAID = frozenset({"", "unassigned", "unlocated"})
"""Of no agency, or no place: that is said with a name of its own."""


def known(scope_type: str, code: str) -> str:
    """The code, or `unknown` if the register of its scope type does not have it."""
    return code if code in NOTHING_SAID or code.casefold() in _KNOWN[scope_type] else UNKNOWN
