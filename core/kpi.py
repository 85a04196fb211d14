"""What a KPI declares: one `Kpi(...)`, from which fold, metric, panel and manual follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec
from propcache.api import cached_property

from core import law, reference
from core.cells import DENOMINATOR, EXCLUDED, NUMERATOR, Counters, Share
from core.events import Event
from core.law import Law, Stand
from core.moment import DAY, HOUR, NEVER

if TYPE_CHECKING:
    from core.companion import Companion

Unit = Literal["percent", "hours", "seconds", "per_100k", "points", "index"]


OfCopy = Literal["", "excluded", "nothing", "same"] | Callable[[Share], Share | None]
"""How what a duplicate adds follows from what the case would add on its own."""

Stage = Literal["Presence", "Interactive", "Transactive", "Transformative"]
"""Stages of e-government after Baum and Maio (proposal, lines 119-130)."""

_NOTHING: Mapping[str, int] = MappingProxyType({})
_LONGEST_WAITED_FOR = 31 * DAY
"""So long are windows of KPIs that wait for a table (`Kpi.waits`), at most."""
_KOMINFO = {"Smart People": "Smart Society", "Smart Mobility": "Smart Living"}


class Case(Protocol):
    """Whatever is derived from the set of events of one case."""

    @property
    def scopes(self) -> Mapping[str, str]:
        """Scope type to scope id (convention C11)."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What a KPI looks at, one at a time; each is equal to itself alone.

    With `of` it is a case: the fold hands it the events `<area>.*` of one key, in any order, and
    it returns None while they make no case yet.  Without, some stage makes it in its own way.
    `judged` makes it likewise, by the law in force; one with a clock that is counted in working
    days says in `recomputed` what other versions made of its due instant while it was open.
    `key` names the case where one key of the events has many: it may read nothing but the event.
    `kept`: so long after the end of its local day an event is too late and the case is forgotten,
    its numbers stay; all events of such a case are of one day.
    `over`: from which instant on nothing that happens to the case counts any more, None while it is
    open.  `lateness` later (C5) the case leaves the state and its numbers stay (decision 0013);
    without `over` it is kept for ever.  An event of `opens` begins a case; one that is older than
    `admitted` is too late to.
    `ages`: for a case without an end.  An event so old is too late once the first tick is as old,
    and what `spent` names, of the events of one key that no event after an instant can touch any
    more, leaves the state by its id; its numbers stay.
    """

    name: str
    area: str = ""
    of: Callable[[Iterable[Event]], Case | None] | None = None
    key: Callable[[Event], str] | None = None
    kept: int | None = None
    judged: Callable[[Iterable[Event], Law], Case | None] | None = None
    over: Callable[[Any], int | None] | None = None
    lateness: int = 24 * HOUR
    opens: tuple[str, ...] = ()
    admitted: int = 90 * DAY
    ages: int = 90 * DAY
    spent: Callable[[Iterable[Event], int], Collection[str]] | None = None

    def case(self, events: Iterable[Event], law: Law) -> Case | None:
        """The case that the events make; None while they make none."""
        if self.judged is not None:
            return self.judged(events, law)
        return self.of(events) if self.of is not None else None


ROWS = Subject("rows")
"""Published rows of the other KPIs."""
SCORE = Subject("score")
"""The city and its principles, each judged by the published rows of the KPIs."""
OF_ROWS = (ROWS, SCORE)
"""Subjects that are themselves made of published rows: looked at after these, in this order."""


class Reading(msgspec.Struct, frozen=True, gc=False):
    """A number read from merged counters: integers, and the value as decimal text or None.

    `cases`: how many cases are behind it, where that is not the denominator (C6, C7).
    `left_out`: excluded by reason (C9) where only the whole window tells, beside those that the
    cells count.
    """

    numerator: int
    denominator: int
    value: str | None
    cases: int | None = None
    left_out: Mapping[str, int] = _NOTHING

    @property
    def seen(self) -> int:
        """How many cases are behind it."""
        return self.denominator if self.cases is None else self.cases


Alive = Callable[[str, int], bool]
"""(source, minute number since 1970): did the source send a heartbeat in that minute?"""

Shares = Callable[[Any], Iterable[Share]]
"""What one subject adds to the cells of a KPI."""


class Tally(Protocol):
    """Counts what many cases add to one KPI, where nothing but a few days and sources tells them
    apart: of hundreds of cases it has a handful of shares."""

    def add(self, case: Any) -> None:
        """One more case."""

    def shares(self) -> Iterable[Share]:
        """What all of them add together, with every scope but that of the city in the shares."""


@dataclass(frozen=True, slots=True)
class Tallied:
    """`Shares` of a KPI that counts by tallies: those of a tally of one case."""

    tally: Callable[[], Tally]

    def __call__(self, case: Any) -> Iterable[Share]:
        """What one subject adds."""
        made = self.tally()
        made.add(case)
        return made.shares()


Measure = Callable[[Mapping[str, int], int], Reading]
"""(merged counters, window end) to a reading."""

MeasureBy = Callable[[Mapping[str, int], int, Stand], Reading]
"""The same by the tables in force at the window's end."""

Observed = Callable[[Mapping[str, int], Alive], Counters]
"""What of a cell counts, by the minutes in which its sources were alive."""


def decimal_text(number: Fraction) -> str:
    """An exact number, not negative, half-up to 2 decimals (C8)."""
    return two_decimals(number.numerator, number.denominator)


def two_decimals(numerator: int, denominator: int) -> str:
    """A ratio that is not negative, half-up to 2 decimals (C8): exact, in whole numbers."""
    hundredths = (200 * numerator + denominator) // (2 * denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def four_decimals(numerator: int, denominator: int) -> str:
    """A share of 1, half-up to 4 decimals."""
    rounded = (numerator * 20_000 + denominator) // (2 * denominator)
    return f"{rounded // 10_000}.{rounded % 10_000:04d}"


def percent(numerator: int, denominator: int) -> str | None:
    """100 x numerator / denominator, half-up to 2 decimals; None without a denominator (C6, C8)."""
    if denominator == 0:
        return None
    return two_decimals(100 * numerator, denominator)


def hours(microseconds_numerator: int) -> str:
    """Whole seconds as hours, half-up to 2 decimals."""
    return two_decimals(microseconds_numerator, 3600)


def seconds(whole: int) -> str:
    """Whole seconds, with the 2 decimals of every value."""
    return two_decimals(whole, 1)


def per_100k(numerator: int, denominator: int) -> str | None:
    """100,000 x numerator / denominator, half-up to 2 decimals; None without a denominator."""
    if denominator == 0:
        return None
    return two_decimals(100_000 * numerator, denominator)


def ratio(counters: Mapping[str, int], _end: int) -> Reading:
    """Share of the cohort that hit."""
    numerator, denominator = counters.get(NUMERATOR, 0), counters.get(DENOMINATOR, 0)
    return Reading(numerator, denominator, percent(numerator, denominator))


@dataclass(frozen=True, kw_only=True, eq=False)
class Kpi:
    """One KPI of the catalogue; each is equal to itself alone.

    `shares` gives what one subject adds to its cells; `measure` reads merged counters.  `also`
    are further subjects that add to the same cells, each with shares of its own.
    `scopes` and `windows` name what is published; `sources` must send heartbeats for the number
    to be complete; `lateness` in microseconds (C5); `reopens` adds 10 working days to finality;
    `cumulative` merges all cells up to the window's end (a snapshot) instead of those inside.
    `carries`: a histogram (of the city alone) of which a reading is also given the sum of
    all cells before the window, with the window's `SINCE` and `UNTIL` (`core.cells`);
    `carried_for`: of those of so long before it, without it since the beginning.
    `orphans`: it also looks at the events of a key that make no case yet (`core.orphans`).
    `of_copy`: what a complaint adds as a duplicate of another (C3), where that follows from what it
    adds else: each share `excluded` instead, `nothing`, the `same`, or what a function makes of
    each share; "": it is derived.  A test holds it against what `shares` says of a duplicate.
    `in_catalogue` False: it is none of the 32 of the catalogue, so evidence does not expect it.
    `watch` is a limit beyond which operators are told, of a KPI without a target.
    `green` and `amber` are limits in the KPI's unit.  Without `amber` what is not green is red;
    without `green` the KPI is informational.  `basis_status` says how far the law or promise
    behind the limit was verified, in the words of the catalogue.
    """

    id: str
    title_en: str
    title_id: str
    principle: str
    dimension: str
    relation: str
    stage: Stage
    unit: Unit
    higher_is_better: bool | None
    green: Decimal | None
    amber: Decimal | None
    formula: str
    legal_basis: str
    basis_status: str
    subject: Subject
    reads: tuple[str, ...]
    sources: tuple[str, ...]
    scopes: tuple[str, ...]
    base: str
    windows: tuple[str, ...]
    shares: Shares
    lateness: int
    also: tuple[tuple[Subject, Shares], ...] = ()
    waits: Callable[[Stand], int] | None = None
    """How much longer than `lateness` a version of a table asks to wait."""
    reopens: bool = False
    measure: Measure = ratio
    measure_by: MeasureBy | None = None
    """Instead of `measure`, of a KPI whose number needs a table."""
    observed: Observed | None = None
    """None: all of a cell counts, whoever was silent."""
    cumulative: bool = False
    carries: str = ""
    carried_for: int | None = None
    orphans: bool = False
    of_copy: OfCopy = ""
    in_catalogue: bool = True
    watch: Decimal | None = None
    short_scopes: tuple[str, ...] = ("city",)
    """Scopes that windows shorter than a day are published for."""
    told_elsewhere: bool = False
    """Its sources tell of the numerator alone: while they are silent it has no value, however many
    cases others have told of."""
    companions: tuple[Companion, ...] = ()
    """Numbers beside the value, from the same counters."""
    sampled: int = 0
    """How many cases of its numerator are drawn for an audit when it is red (`audit.sample`)."""
    version: int = 1

    @property
    def dimension_kominfo(self) -> str:
        """The dimension under the name that Kota Jambi reports to Kominfo (catalogue 2)."""
        return _KOMINFO.get(self.dimension, self.dimension)

    @cached_property
    def looks_at(self) -> Mapping[Subject, Shares]:
        """Its subjects, and what one of each adds."""
        return {self.subject: self.shares, **dict(self.also)}

    @property
    def target(self) -> Decimal | None:
        """The number to reach: the green limit."""
        return self.green

    def reading(self, counters: Mapping[str, int], end: int, law: Law = law.SHIPPED) -> Reading:
        """What merged counters of a window say, by the tables in force at its end."""
        if self.measure_by is not None:
            return self.measure_by(counters, end, law.at(end))
        return self.measure(counters, end)

    def final_at(self, window_end: int, law: Law = law.SHIPPED) -> int:
        """From this event time on a row of the window is final (convention C5).

        `NEVER`: no calendar knows the year in which that is.
        """
        horizon = window_end + self.lateness
        if self.waits:
            stands = law.between(window_end - _LONGEST_WAITED_FOR, window_end)
            horizon += max(self.waits(stand) for stand in stands)
        if not self.reopens:
            return horizon
        due = law.due(horizon, lambda stand: stand.sla.reopen_days, horizon)
        return due.at if due.known else NEVER

    @cached_property
    def definition(self) -> str:
        """`defined_by` of the tables that shipped with the program."""
        return self.defined_by(law.SHIPPED.newest.versions)

    def defined_by(self, versions: tuple[tuple[str, str], ...]) -> str:
        """SHA-256 over everything declared and the tables it reads: the law of the number.

        `versions` are those in force at the end of the row's window.
        """
        if versions not in self._definitions:
            self._definitions[versions] = self._define(versions)
        return self._definitions[versions]

    @cached_property
    def _definitions(self) -> dict[tuple[tuple[str, str], ...], str]:
        return {}

    def _define(self, versions: tuple[tuple[str, str], ...]) -> str:
        declared = {
            name: str(getattr(self, name))
            for name in (
                "id",
                "unit",
                "higher_is_better",
                "green",
                "amber",
                "formula",
                "reads",
                "sources",
                "scopes",
                "base",
                "windows",
                "lateness",
                "reopens",
                "cumulative",
                "short_scopes",
                "told_elsewhere",
                "version",
            )
        } | {"reference": reference.VERSION, **dict(versions)}
        if self.companions:
            declared["companions"] = ",".join(companion.name for companion in self.companions)
        return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()


def excluded_counts(counters: Mapping[str, int]) -> dict[str, int]:
    """Cases left out, by reason (C9)."""
    found: dict[str, int] = {}
    for name in [name for name in counters if name.startswith(EXCLUDED)]:
        reason = name.removeprefix(EXCLUDED).split(":")[0]
        found[reason] = found.get(reason, 0) + counters[name]
    return found


def case_lateness() -> int:
    """Complaints and field reports may come 72 h late (C5)."""
    return 72 * HOUR
