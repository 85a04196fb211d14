"""The reference tables in force: every version that was loaded, since when, and which one judges.

Convention C2c.  A clock that still runs is judged by the newest version; one that was stopped keeps
the version that was in force when it stopped.  Where that one does not know a year that it
needs, the first later one that does is taken: the decree of a year comes when the year is near.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from propcache.api import cached_property

from core import tables
from core.calendar import Calendar, Due
from core.classes import Classes
from core.events import Event, in_order
from core.matter_tables import IncidentClassTable
from core.moment import rfc3339
from core.registers import Registers
from core.tables import (
    AdminAreaTable,
    CalendarTable,
    CategoryTable,
    OpdTable,
    ServiceStandardTable,
    SlaTable,
    T,
    Table,
)

SHOWN = "index"
"""The one table that no number reads (catalogue section 8)."""
IN_FORCE = tuple(name for name in tables.KINDS if name != SHOWN)
"""Tables that judge by their version."""
ALWAYS = -(1 << 62)
"""What shipped was in force before anything else."""

Limit = Callable[["Stand"], int]
"""Working days that a stand of the tables allows."""


@dataclass(frozen=True, eq=False)
class Stand:
    """The tables as they stood from an instant on, in the order of `IN_FORCE`."""

    since: int
    held: tuple[Table, ...]

    def read(self, kind: type[T]) -> T:
        """The table of a kind."""
        table = self._by_kind[kind]
        assert isinstance(table, kind)
        return table

    @cached_property
    def _by_kind(self) -> dict[type[Table], Table]:
        return {type(table): table for table in self.held}

    @cached_property
    def calendar(self) -> Calendar:
        """What was a working day."""
        return _calendar(tables.to_json(self.read(CalendarTable)))

    @cached_property
    def sla(self) -> SlaTable:
        """Limits for complaints and requests for information."""
        return self.read(SlaTable)

    @cached_property
    def service_standard(self) -> ServiceStandardTable:
        """Limits for services."""
        return self.read(ServiceStandardTable)

    @cached_property
    def registers(self) -> Registers:
        """The codes that the city knows."""
        return Registers.of(
            self.read(AdminAreaTable), self.read(OpdTable),
            {*self.read(CategoryTable).names, *self.classes.metres},
        )  # fmt: skip

    @cached_property
    def classes(self) -> Classes:
        """Classes of incidents."""
        return Classes.of(self.read(IncidentClassTable))

    @property
    def tables(self) -> tuple[tuple[str, str, Table], ...]:
        """Name, version and content of each."""
        found = zip(IN_FORCE, self.held, strict=True)
        return tuple((name, table.version, table) for name, table in found)

    @cached_property
    def versions(self) -> tuple[tuple[str, str], ...]:
        """Table and version."""
        return tuple((name, version) for name, version, _ in self.tables)

    def due(self, start: int, limit: Limit) -> Due:
        """The due instant by these tables alone."""
        return self.calendar.due(start, limit(self))


class Recomputed(NamedTuple):
    """A due instant that another version moved while its clock ran; None: not computable."""

    case: str
    clock: str
    old: int | None
    new: int | None
    at: int
    """Since when the other version is in force."""
    calendar_version: str


@dataclass(frozen=True, eq=False)
class Law:
    """Stands of the tables, the first of them in force since `ALWAYS`."""

    stands: tuple[Stand, ...]

    @property
    def newest(self) -> Stand:
        """What judges a clock that runs."""
        return self.stands[-1]

    def at(self, instant: int | None) -> Stand:
        """The stand in force at an instant; None: the newest."""
        return self.stands[-1 if instant is None else bisect_right(self._sinces, instant) - 1]

    def _from(self, instant: int | None) -> tuple[Stand, ...]:
        """The stand in force at an instant, and those that came after it."""
        return self.stands[-1 if instant is None else bisect_right(self._sinces, instant) - 1 :]

    @cached_property
    def _sinces(self) -> list[int]:
        return [stand.since for stand in self.stands]

    @property
    def history(self) -> tuple[tuple[int, tuple[Table, ...]], ...]:
        """Since when which tables are in force."""
        return tuple((stand.since, stand.held) for stand in self.stands)

    def longer(self, incident: str | None = None) -> int:
        """`Classes.longer` of any version."""
        return max(stand.classes.longer(incident) for stand in self.stands)

    def between(self, since: int, until: int) -> tuple[Stand, ...]:
        """The stands that were in force at some instant of [since, until]."""
        return tuple(stand for stand in self._from(since) if stand.since <= until)

    def due(self, start: int, limit: Limit, stopped: int | None) -> Due:
        """The due instant of a clock that started and, unless None, was stopped."""
        stand = self.at(stopped)
        days = limit(stand)
        due = stand.calendar.due(start, days)
        for later in self._from(stopped)[1:] if not due.known else ():
            due = later.calendar.due(start, days)
            if due.known:
                break
        return due

    def recomputed(
        self, case: str, clock: str, start: int, limit: Limit, stopped: int | None
    ) -> tuple[Recomputed, ...]:
        """Every move of the due instant while the clock ran."""
        found = []
        for old, new in pairwise(self._from(start)):
            if stopped is None or new.since <= stopped:
                before, after = old.due(start, limit), new.due(start, limit)
                if before != after:
                    found.append(Recomputed(
                        case, clock, before.at if before.known else None,
                        after.at if after.known else None, new.since, new.calendar.version,
                    ))  # fmt: skip
        return tuple(found)

    @classmethod
    def of(cls, loaded: Iterable[tuple[int, Table]]) -> Law:
        """Of versions and since when, in the order in which they were loaded."""
        stands = [_FIRST]
        for since, table in loaded:
            stand = _followed(stands[-1], since, table)
            if stand.versions == stands[-1].versions:
                continue
            if stand.since == stands[-1].since:
                stands.pop()
            stands.append(stand)
        return cls(tuple(stands))

    @classmethod
    def told_by(cls, events: Iterable[Event]) -> Law:
        """Of reference events, in any order."""
        return cls.of(versions(events))


def versions(events: Iterable[Event]) -> list[tuple[int, Table]]:
    """Since when each version that was loaded is in force, in order.

    Of two contents under one name the first is the version, and of those that shipped, what
    shipped.
    """
    seen: set[tuple[str, str]] = set()
    loaded: list[tuple[int, Table]] = []
    for event in in_order(events):
        name = (event.type, event.text("version"))
        table = _table(*name, event.text("content"))
        if table is None or name in seen:
            continue
        ours = tables.shipped(type(table))
        if ours.version == table.version and ours != table:
            continue
        seen.add(name)
        loaded.append((event.occurred_at, table))
    return loaded


@lru_cache(maxsize=256)
def _table(event_type: str, version: str, content: str) -> Table | None:
    fields = {"version": version, "content": content}
    return tables.of_event(Event(event_type, "", 0, "", fields))


@lru_cache(maxsize=64)
def _calendar(content: str) -> Calendar:
    table = tables.from_json("calendar", content)
    assert isinstance(table, CalendarTable)
    return Calendar(table)


def _followed(stand: Stand, since: int, table: Table) -> Stand:
    held = tuple(table if type(old) is type(table) else old for old in stand.held)
    return Stand(since, held)


_FIRST = Stand(ALWAYS, tuple(tables.shipped(tables.KINDS[name]) for name in IN_FORCE))
SHIPPED = Law((_FIRST,))
"""Until another version is loaded."""


def moved(one: Recomputed) -> dict[str, str | None]:
    """`sla.due_recomputed`: one of them under stable names, times in RFC 3339."""
    return {
        "case": one.case,
        "clock": one.clock,
        "old": None if one.old is None else rfc3339(one.old),
        "new": None if one.new is None else rfc3339(one.new),
        "at": rfc3339(one.at),
        "calendar_version": one.calendar_version,
    }
