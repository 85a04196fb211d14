"""One version of the classes of incidents: how far apart two statements may lie (catalogue 5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.matter_tables import IncidentClassTable
from core.moment import MINUTE
from core.tables import shipped


@dataclass(frozen=True, slots=True)
class Reach:
    """How far two claims of one class may lie apart and still be one incident."""

    metres: float
    time: int
    """Microseconds."""

    def and_of(self, other: Reach) -> Reach:
        """What lies within both."""
        if self is other:
            return self
        return Reach(min(self.metres, other.metres), min(self.time, other.time))


@dataclass(frozen=True, eq=False)
class Classes:
    """A version, looked up by class; `of_category` is the class of a category of complaints."""

    version: str
    of_category: Mapping[str, str]
    metres: Mapping[str, float]
    """How near two reports of a class are of one matter."""
    reach: Mapping[str, Reach]
    """Of what a camera can observe, if only partly or at night."""
    recurring: frozenset[str]
    """Catalogue KPI 30: what comes again by itself; a new report of it contradicts nothing."""

    @classmethod
    def of(cls, table: IncidentClassTable) -> Classes:
        """What a table says."""
        known = table.classes
        return cls(
            table.version,
            table.categories,
            {name: one.metres for name, one in known.items()},
            {name: Reach(one.metres, one.minutes * MINUTE)
             for name, one in known.items() if one.camera != "no"},
            frozenset(name for name, one in known.items() if one.recurring),
        )  # fmt: skip

    def matter(self, category: str) -> str:
        """The class of a category, or the category itself: some sources name the class instead."""
        return self.of_category.get(category, category)

    def longer(self, name: str | None = None) -> int:
        """How much longer than what shipped the time of a class is, or the longest; 0: it is not.

        What is kept for a class is kept for so much longer.
        """
        return max(0, self.time(name) - SHIPPED.time(name))

    def time(self, name: str | None) -> int:
        """Of a class, or the longest; 0 of what no camera can observe."""
        known = self.reach if name is None else self.reach.keys() & {name}
        return max((self.reach[one].time for one in known), default=0)


SHIPPED = Classes.of(shipped(IncidentClassTable))
