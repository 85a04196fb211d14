"""What codes the city knows: its agencies, categories of complaints, kecamatan and kelurahan.

A code that is not here is data all the same: its case counts for the city, and its scope below is
`unknown`.  Capitals do not matter.  A source that brings its own promise (`sla_basis` "source")
brings its own registers too, and is taken at its word.
"""

from __future__ import annotations

from collections.abc import Mapping

from core import reference
from core.kelurahan import KELURAHAN
from core.tables import OpdTable, SlaTable, shipped

UNKNOWN = "unknown"
"""The scope of a code that is in no register."""

KECAMATAN = frozenset(code[:8] for code in KELURAHAN)
"""The 11 of them."""
AGENCIES = frozenset(shipped(OpdTable).names)
"""Agencies that a complaint may be handed to."""
CATEGORIES = frozenset({
    *reference.MATTER_CLASS, *reference.MATTER_METRES, *shipped(SlaTable).sikesal_hours,
    *reference.UTILITY_CATEGORIES, "bansos", "drainase", "jalan", "pelayanan",
} - {"default"})  # fmt: skip
"""Categories of complaints: those that some rule names, classes of incidents, and a few others."""
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
