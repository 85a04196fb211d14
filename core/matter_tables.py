"""Reference tables of what complaints and requests are about: categories, classes, services."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.table import Table

FARTHEST_M = 300
"""What is so near, metres, is found by pieces of land (`core.land`), so no class reaches farther;
a test holds the pieces to it."""
_LONGEST_MIN = 14 * 24 * 60
_LONGEST_H = 60 * 24
_DEAREST = 1_000_000_000


class CategoryTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of the categories of complaints by the code that events have."""

    names: dict[str, str]

    def flaw(self) -> str | None:
        """Codes are small letters: events are compared without regard to capitals."""
        for code in self.names:
            if code != code.casefold() or not code.strip():
                return f"names.{code}: not in small letters; write {code.casefold()!r}"
        return None if self.names else "names: none; name at least one category"


class IncidentClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far apart two reports may be and still be of one incident (catalogue 5.3)."""

    metres: int
    minutes: int
    """Earlier or later."""
    camera: Literal["yes", "partly", "night", "no"]
    """Whether a camera can observe it."""
    recurring: bool = False
    """It comes again by itself, so a new report of it contradicts no closure (KPI 30)."""


class IncidentClassTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Classes by name, and the class of a category of complaints."""

    classes: dict[str, IncidentClass]
    categories: dict[str, str]

    def flaw(self) -> str | None:
        """Reaches are positive and not beyond what is looked at; each category has its class."""
        for name, one in self.classes.items():
            if not 0 < one.metres <= FARTHEST_M:
                return f"classes.{name}.metres: {one.metres}; write 1 to {FARTHEST_M}"
            if not 0 < one.minutes <= _LONGEST_MIN:
                return f"classes.{name}.minutes: {one.minutes}; write 1 to {_LONGEST_MIN}"
        for category, name in self.categories.items():
            if name not in self.classes:
                return f"categories.{category}: no class {name!r}; add [classes.{name}]"
        return None if self.classes else "classes: none; name at least one"


class UtilityTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours by the wall clock from submission, by category of KPI 5; others are not in it."""

    hours: dict[str, int]

    def flaw(self) -> str | None:
        """Limits are positive."""
        for category, hours in self.hours.items():
            if not 0 < hours <= _LONGEST_H:
                return f"hours.{category}: {hours} is no limit; write 1 to {_LONGEST_H}"
        return None if self.hours else "hours: none; name at least one category"


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is published of a letter; None: nothing is."""

    title: str
    digitisable: bool
    """It can be asked for and had without coming (KPI 11)."""
    tariff: int | None = None
    """Whole rupiah; 0: it is free."""
    documents: list[str] | None = None
    """Codes of what may be asked for."""


class ServiceTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Letters by service code; of others nothing is known."""

    services: dict[str, Service]

    def flaw(self) -> str | None:
        """Tariffs are none or more; a document has one code and is named once."""
        for code, service in self.services.items():
            if service.tariff is not None and not 0 <= service.tariff <= _DEAREST:
                return f"services.{code}.tariff: {service.tariff}; write whole rupiah, 0 if free"
            documents = service.documents or []
            if len(set(documents)) < len(documents):
                return f"services.{code}.documents: one is named twice; name each once"
            for document in documents:
                # Events name several in one text, with spaces between.
                if document.split() != [document]:
                    return f"services.{code}.documents: {document!r} is no code; write one word"
        return None

    def digitisable(self, code: str) -> bool:
        """Whether a letter can be had without coming."""
        return code in self.services and self.services[code].digitisable

    def free(self, code: str) -> bool:
        """Whether a letter is known to cost nothing."""
        return self.tariff(code) == 0

    def tariff(self, code: str) -> int | None:
        """What a letter costs, whole rupiah; None where that is not known."""
        return self.services[code].tariff if code in self.services else None

    def documents(self, code: str) -> frozenset[str] | None:
        """What may be asked for; None where that is not known."""
        found = self.services[code].documents if code in self.services else None
        return None if found is None else frozenset(found)
