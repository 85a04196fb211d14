"""What codes the city knows: its agencies, categories of complaints, kecamatan and kelurahan.

A code that is not here is data all the same: its case counts for the city, and its scope below is
`unknown`.  Capitals do not matter.  A source that brings its own promise (`sla_basis` "source")
brings its own registers too, and is taken at its word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.tables import AdminAreaTable, OpdTable

UNKNOWN = "unknown"
"""The scope of a code that is in no register."""
NOTHING_SAID = frozenset({"", "unassigned", "unlocated"})
"""Of no agency, or no place: that is said with a name of its own."""


@dataclass(frozen=True, slots=True)
class Registers:
    """Codes by scope type."""

    codes: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, areas: AdminAreaTable, agencies: OpdTable, categories: Iterable[str]) -> Registers:
        """Of these tables; a kecamatan or kelurahan holds cases as agencies do.

        Classes of incidents are categories too: some sources name them instead.
        """
        places = {*areas.kecamatan, *areas.kelurahan}
        return cls({
            "opd": frozenset({*agencies.names, *places}),
            "category": frozenset(categories),
            "kecamatan": frozenset(areas.kecamatan),
            "kelurahan": frozenset(areas.kelurahan),
        })  # fmt: skip

    def known(self, scope_type: str, code: str) -> str:
        """The code, or `unknown` if the register of its scope type does not have it."""
        codes = self.codes[scope_type]
        said = code in codes or code in NOTHING_SAID or code.casefold() in codes
        return code if said else UNKNOWN
