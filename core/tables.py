"""Reference tables: what each holds, how one is read from text, and the event that carries it.

The text is TOML in `reference/<table>.toml` (what ships) or in a file of the operator, JSON in an
event.  A version is a whole table: it replaces the one before it and never adds to it.
"""

from __future__ import annotations

import json
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from core.events import Event
from core.matter_tables import CategoryTable, IncidentClassTable, ServiceTable, UtilityTable
from core.table import Flawed, Table

__all__ = ["CategoryTable", "Flawed", "IncidentClassTable", "ServiceTable", "Table", "UtilityTable"]

_HOME = Path(__file__).resolve().parent.parent / "reference"
SOURCE = "jcoc"
"""Who says what a reference event says: the operator of the backbone."""

T = TypeVar("T", bound="Table")


class CalendarTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days by year (`2026`), as month-day; years that `non_working` does not name are unknown."""

    non_working: dict[str, list[str]]
    kota: dict[str, list[str]] = msgspec.field(default_factory=dict)

    def flaw(self) -> str | None:
        """Every day must be one, and stand in its order once."""
        for part, years in (("non_working", self.non_working), ("kota", self.kota)):
            for year, days in years.items():
                if year not in self.non_working:
                    return f"{part}.{year}: the decree of {year} is missing; add non_working.{year}"
                if not (len(year) == 4 and year.isdigit()):
                    return f"{part}.{year}: no year; write it with four digits"
                for day in days:
                    if not _is_day(year, day):
                        return f"{part}.{year}: {day!r} is no day of it; write MM-DD"
                if days != sorted(set(days)):
                    return f"{part}.{year}: days twice or out of order; write each once, in order"
                if part == "non_working" and not days:
                    return f"{part}.{year}: no days; leave the year out until its decree is known"
        return None if self.non_working else "non_working: no year; name at least one"


class SlaTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Working days by what is asked, and hours by the wall clock of Sikesal."""

    unknown_class: str
    screening_days: int
    response_days: int
    reopen_days: int
    answer_days: int
    extended_answer_days: int
    resolution_days: dict[str, int]
    sikesal_hours: dict[str, int]

    def flaw(self) -> str | None:
        """Limits are positive; the classes and the default must be there."""
        for name, days in (
            *((n, getattr(self, n)) for n in self.__struct_fields__ if n.endswith("_days")),
            *((f"resolution_days.{n}", d) for n, d in self.resolution_days.items()),
            *((f"sikesal_hours.{n}", d) for n, d in self.sikesal_hours.items()),
        ):
            if isinstance(days, int) and not 0 < days <= 1_000:
                return f"{name}: {days} is no limit; write a whole number from 1 to 1000"
        for name in ("info", self.unknown_class):
            if name not in self.resolution_days:
                return f"resolution_days: no {name!r}; name its working days"
        if "default" not in self.sikesal_hours:
            return "sikesal_hours: no 'default'; name the hours of all other categories"
        return None


class ServiceStandardTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Working days to decide, by service code."""

    default_days: int
    days: dict[str, int] = msgspec.field(default_factory=dict)

    def flaw(self) -> str | None:
        """Limits are positive."""
        for name, days in (("default_days", self.default_days), *self.days.items()):
            if not 0 < days <= 1_000:
                return f"{name}: {days} is no limit; write a whole number from 1 to 1000"
        return None


class AdminAreaTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names by Kemendagri code; centroids as longitude and latitude."""

    kecamatan: dict[str, str]
    kelurahan: dict[str, str]
    centroids: dict[str, tuple[float, float]] = msgspec.field(default_factory=dict)

    def flaw(self) -> str | None:
        """Each kelurahan lies in a kecamatan; a centroid is one of a known area, on Earth."""
        for code in self.kelurahan:
            if code.rpartition(".")[0] not in self.kecamatan:
                return f"kelurahan.{code}: its kecamatan is not in [kecamatan]; add it"
        for code, (lon, lat) in self.centroids.items():
            if code not in self.kelurahan and code not in self.kecamatan:
                return f"centroids.{code}: no such area; add it or take the centroid out"
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                return f"centroids.{code}: not on Earth; write longitude, then latitude"
        return None


class PopulationTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Residents of the city, and by kecamatan code where known."""

    city: int
    kecamatan: dict[str, int] = msgspec.field(default_factory=dict)

    def flaw(self) -> str | None:
        """Somebody lives there."""
        return None if self.city > 0 else f"city: {self.city} residents; write how many there are"


class OpdTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of agencies by the code that events have."""

    names: dict[str, str]


class IntersectionTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Least level of service, and place as longitude and latitude, by intersection code."""

    default_level: Literal["A", "B", "C", "D", "E", "F"]
    levels: dict[str, Literal["A", "B", "C", "D", "E", "F"]] = msgspec.field(default_factory=dict)
    places: dict[str, tuple[float, float]] = msgspec.field(default_factory=dict)

    def flaw(self) -> str | None:
        """A place is one on Earth."""
        for code, (lon, lat) in self.places.items():
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                return f"places.{code}: not on Earth; write longitude, then latitude"
        return None

    def place(self, code: str) -> tuple[float, float] | None:
        """Latitude and longitude of an intersection; None where nobody said."""
        lon_lat = self.places.get(code)
        return None if lon_lat is None else (lon_lat[1], lon_lat[0])


class Index(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An official index as its authority gave it; texts, for nothing is computed with them."""

    name: str
    year: int
    of: str
    authority: str
    source: str
    value: str = ""
    grade: str = ""
    rank: str = ""
    scale: str = ""
    kpis: list[str] = msgspec.field(default_factory=list)
    """Ids of the KPIs that it is shown beside; it enters none of them."""


class IndexTable(Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Official indices (catalogue section 8)."""

    indices: list[Index]

    def flaw(self) -> str | None:
        """Each says something."""
        for index in self.indices:
            if not (index.value or index.grade or index.rank):
                return f"indices: {index.name} {index.year} says nothing; give value, grade or rank"
        return None


KINDS: dict[str, type[Table]] = {
    "admin_area": AdminAreaTable,
    "calendar": CalendarTable,
    "category": CategoryTable,
    "incident_class": IncidentClassTable,
    "index": IndexTable,
    "intersection": IntersectionTable,
    "opd": OpdTable,
    "population": PopulationTable,
    "service": ServiceTable,
    "service_standard": ServiceStandardTable,
    "sla": SlaTable,
    "utility": UtilityTable,
}
"""Table name to what it holds; its event type is `ref.<name>`."""


def from_toml(name: str, text: str) -> Table:
    """A table as an operator writes it.  Raises Flawed."""
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Flawed(f"not TOML: {error}") from error
    return _checked(name, plain)


def from_json(name: str, text: str) -> Table:
    """A table as an event carries it.  Raises Flawed."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Flawed(f"not JSON: {error}") from error
    return _checked(name, plain)


def to_json(table: Table) -> str:
    """The same text for the same content."""
    plain = msgspec.to_builtins(table)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@cache
def shipped_text(name: str) -> str:
    """The file of the table that came with the program."""
    return (_HOME / f"{name}.toml").read_text("utf-8")


@cache
def _shipped(name: str) -> Table:
    return from_toml(name, shipped_text(name))


def shipped(kind: type[T]) -> T:
    """The table of a kind that is in force until another is loaded."""
    name = next(name for name, known in KINDS.items() if known is kind)
    table = _shipped(name)
    assert isinstance(table, kind)
    return table


def to_event(name: str, table: Table, at: int) -> Event:
    """The event that puts a version in force at an instant."""
    fields = {"version": table.version, "content": to_json(table)}
    return Event(f"ref.{name}", f"{SOURCE}:ref.{name}:{table.version}", at, SOURCE, fields)


def of_event(event: Event) -> Table | None:
    """The table of a reference event; None for one that cannot be used: it is never in force."""
    name = event.type.removeprefix("ref.")
    if name not in KINDS:
        return None
    try:
        table = from_json(name, event.text("content"))
    except Flawed:
        return None
    return table if table.version == event.text("version") else None


def _checked(name: str, plain: Any) -> Table:
    try:
        table = msgspec.convert(plain, KINDS[name])
    except msgspec.ValidationError as error:
        raise Flawed(str(error).replace(" - at `$", " at `").replace("`.", "`")) from error
    if not table.version.strip():
        raise Flawed("version: empty; name this version")
    if not table.sources:
        raise Flawed("sources: none; say where the figures come from")
    if (flaw := table.flaw()) is not None:
        raise Flawed(flaw)
    return table


def _is_day(year: str, day: str) -> bool:
    try:
        return date.fromisoformat(f"{year}-{day}").isoformat() == f"{year}-{day}"
    except ValueError:
        return False
