"""Windows and rows of the ground truth, and when a row changes no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from core import moment
from sim import workdays

LENGTHS = {
    "5min": 5 * moment.MINUTE,
    "1h": moment.HOUR,
    "1d": moment.DAY,
    "7d": 7 * moment.DAY,
    "28d": 28 * moment.DAY,
    "90d": 90 * moment.DAY,
}

MONTHS = {"month": 1, "quarter": 3, "year": 12}
REOPENED_WITHIN = 10
"""Working days."""

Scope = tuple[str, str]
"""Type and id."""
CITY: Scope = ("city", "city")


@dataclass(frozen=True, slots=True)
class Row:
    """One true number: integers, moments; window_end is exclusive."""

    kpi: str
    window: str
    scope_type: str
    scope_id: str
    window_start: int
    window_end: int
    numerator: int
    denominator: int

    @property
    def identity(self) -> tuple[str, str, str, str, int]:
        """(kpi, window, scope type, scope id, start), as `core.rows.KpiRow.identity`."""
        return (self.kpi, self.window, self.scope_type, self.scope_id, self.window_start)

    @property
    def scope(self) -> Scope:
        """Type and id."""
        return (self.scope_type, self.scope_id)

    @property
    def span(self) -> Window:
        """Its window."""
        return Window(self.window, self.window_start, self.window_end)

    def to_json(self) -> dict[str, str | int]:
        """The row under the names of the scripting format, times in RFC 3339 UTC."""
        return {
            "kpi": self.kpi,
            "window": self.window,
            "scope_type": self.scope_type,
            "scope_id": self.scope_id,
            "window_start": moment.rfc3339(self.window_start),
            "window_end": moment.rfc3339(self.window_end),
            "numerator": self.numerator,
            "denominator": self.denominator,
        }


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of event time, `start` inclusive, `end` exclusive."""

    name: str
    start: int
    end: int

    def holds(self, at: int) -> bool:
        """True when the moment lies in the window."""
        return self.start <= at < self.end


def ending(name: str, end: int) -> Window:
    """The window of that name which ends at a moment."""
    return Window(name, end - LENGTHS[name], end)


def ending_in(name: str, start: int, end: int) -> list[Window]:
    """The windows of that name which end in (start, end]."""
    if name not in MONTHS:
        step = min(LENGTHS[name], moment.DAY)
        return [ending(name, at) for at in range(start + step, end + 1, step)]
    found = []
    for midnight in range(start + moment.DAY, end + 1, moment.DAY):
        day = workdays.wib_date(midnight)
        if day.day == 1 and (day.month - 1) % MONTHS[name] == 0:
            years, month = divmod(day.year * 12 + day.month - 1 - MONTHS[name], 12)
            found.append(Window(name, workdays.midnight(date(years, month + 1, 1)), midnight))
    return found


@dataclass(frozen=True, slots=True)
class Horizon:
    """How long after its window a row may change (C5): lateness of its class, and of objections."""

    lateness: int
    reopens: bool = False

    def settled(self, window: Window) -> int:
        """From this moment on nothing that comes is in the row."""
        over = window.end + self.lateness
        return workdays.due(over, REOPENED_WITHIN) if self.reopens else over


COMPLAINTS = Horizon(72 * moment.HOUR, reopens=True)
FIELD = Horizon(72 * moment.HOUR)
TOLD = Horizon(72 * moment.HOUR)
"""What is asked of the events of cases, whatever becomes of these."""
VERDICTS = Horizon(10 * moment.DAY)
RECORDS = Horizon(33 * moment.DAY, reopens=True)
APP_CASES = Horizon(24 * moment.HOUR, reopens=True)
APPS = Horizon(24 * moment.HOUR)
SURVEYS = Horizon(7 * moment.DAY)
SENSORS = Horizon(10 * moment.MINUTE)


def tallied(
    kpi: str, window: Window, counted: Iterable[tuple[int, int, Iterable[Scope]]]
) -> Iterator[Row]:
    """The row of the city, and one for each scope below it that is named.

    `counted`: what one case adds to numerator and denominator, and its scopes below the city.
    """
    counts: dict[Scope, list[int]] = {CITY: [0, 0]}
    for good, all_, below in counted:
        for scope in (CITY, *below):
            count = counts.setdefault(scope, [0, 0])
            count[0] += good
            count[1] += all_
    for (scope_type, scope_id), count in sorted(counts.items()):
        yield Row(kpi, window.name, scope_type, scope_id, window.start, window.end, *count)


def by_scope(cases: Iterable[Iterable[Scope]]) -> Counter[Scope]:
    """How many cases the city has, and each scope below it; each case gives its scopes below."""
    return Counter(scope for below in cases for scope in (CITY, *below))


def by_reason(cases: Iterable[tuple[str, Iterable[Scope]]]) -> dict[Scope, Counter[str]]:
    """The same by why; each case gives its reason and its scopes below the city."""
    found: dict[Scope, Counter[str]] = {}
    for reason, below in cases:
        for scope in (CITY, *below):
            found.setdefault(scope, Counter())[reason] += 1
    return found
