"""Holds what was published against the simulator's own truth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core import window
from core.kpis import by_id
from core.rows import Finality, Identity, KpiRow
from sim.truth.shown import Shown

_VALUE = re.compile(r"^jcoc_kpi_value\{([^}]*)\} (\S+)", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_GAUGE = ("complaint_overdue_backlog_pct", "5min")


class Truth(Protocol):
    """What must be known of a story; `sim.Day` and `sim.Month` know it."""

    start: int
    end: int

    def truth(self, every: int) -> list[dict[str, Any]]:
        """True rows; the clock ticks `every` so many microseconds."""

    def snapshots(self, every: int) -> Mapping[int, int | None]:
        """Instants of which the backlog is told, and the tick at which that is final, if it is."""

    def backlog(self, instant: int, known: int) -> tuple[int, int]:
        """Cases past due and open cases at an instant, as known at another."""

    def shown(self, identity: Identity, every: int) -> Shown | None:
        """What a row says beside its integers; None of a window that nothing is known of."""

    def backlog_shown(self, instant: int, known: int) -> Shown:
        """The same of the snapshot of an instant, as known at another."""


@dataclass
class Tally:
    """Rows of one KPI."""

    compared: int = 0
    differ: int = 0
    windows: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=set)


@dataclass
class Verdict:
    """What was compared; `good` only if nothing differs."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    """By KPI."""
    differences: list[str] = field(default_factory=list)
    statuses: set[str] = field(default_factory=set)
    """Of the rows whose status was compared."""
    companions: dict[str, set[str]] = field(default_factory=dict)
    """By KPI: those that were compared in a row that has them."""
    reasons: dict[str, set[str]] = field(default_factory=dict)
    """By KPI: why cases were left out (C9) of rows that were compared."""
    rows: list[KpiRow] = field(default_factory=list)
    """The rows of the day at city scope, for the table."""
    _differing: set[Identity] = field(default_factory=set)

    @property
    def compared(self) -> int:
        """How many rows."""
        return sum(tally.compared for tally in self.tallies.values())

    @property
    def good(self) -> bool:
        """Everything was compared and nothing differs."""
        return self.compared > 0 and not self.differences

    def count(self, identity: Identity) -> None:
        """A row is compared."""
        kpi, kind, scope_type, _, _ = identity
        tally = self.tallies.setdefault(kpi, Tally())
        tally.compared += 1
        tally.windows.add(kind)
        tally.scopes.add(scope_type)

    def differs(self, identity: Identity, how: str) -> None:
        """It is not as it should be, perhaps in more than one way."""
        self.tallies[identity[0]].differ += identity not in self._differing
        self._differing.add(identity)
        self.differences.append(f"{identity}: {how}")


def latest(rows: Iterable[KpiRow]) -> dict[Identity, KpiRow]:
    """The newest revision of each window."""
    found: dict[Identity, KpiRow] = {}
    for row in rows:
        old = found.get(row.identity)
        if old is None or row.revision > old.revision:
            found[row.identity] = row
    return found


def judge(published: Iterable[KpiRow], truth: Iterable[Mapping[str, Any]]) -> Verdict:
    """Each true row must have been published with the same numerator and denominator."""
    verdict, found = Verdict(), latest(published)
    for true in truth:
        identity = (
            true["kpi"], true["window"], true["scope_type"], true["scope_id"], true["window_start"],
        )  # fmt: skip
        row = found.get(identity)
        if row is None and window.is_short(true["window"]) and true["denominator"] == 0:
            continue  # published only while it was news
        verdict.count(identity)
        expected = (true["numerator"], true["denominator"])
        if row is None:
            verdict.differs(identity, f"{expected[0]}/{expected[1]} was never published")
        elif (row.numerator, row.denominator) != expected or row.window_end != true["window_end"]:
            verdict.differs(identity, _not_so(row, expected))
        if row is not None and row.scope_type == "city" and row.window != "5min":
            verdict.rows.append(row)
    for missing in sorted(by_id().keys() - verdict.tallies.keys()):
        verdict.differences.append(f"{missing}: the simulator tells no truth about it")
    return verdict


def judge_all(
    published: Iterable[KpiRow], day: Truth, every: int, *, as_it_came: bool = True
) -> Verdict:
    """The same, and more, of the windows that end in the days of a story.

    No row may count cases in a window or scope that the truth lacks.  What rows say beside their
    integers is compared, too (`sim.truth.shown`), also of those in which nothing counts.  So is, of
    a story that came `as_it_came`, the 5-minute backlog: each snapshot as known when its row says
    that it was made (`sim.truth.gauges`).
    """
    found = latest(published)
    truth = day.truth(every)
    verdict = judge(found.values(), truth)
    known = {(t["kpi"], t["window"], t["scope_type"], t["scope_id"], t["window_start"])
             for t in truth}  # fmt: skip
    for row in sorted(found.values(), key=lambda one: one.as_of):
        if not day.start < row.window_end <= day.end:
            continue
        if row.identity in known:
            _judge_shown(verdict, row, day.shown(row.identity, every), day.end)
        elif row.identity[:2] == _GAUGE:
            if as_it_came:
                _judge_gauge(verdict, row, day)
        elif row.denominator or row.numerator:
            verdict.count(row.identity)
            verdict.differs(
                row.identity, f"published {row.numerator}/{row.denominator}, truth has no row"
            )
        else:
            # A scope in which nothing counts.
            verdict.count(row.identity)
            _judge_shown(verdict, row, day.shown(row.identity, every), day.end)
    if as_it_came:
        _judge_snapshots(verdict, found, day.snapshots(every))
    return verdict


def _judge_gauge(verdict: Verdict, row: KpiRow, day: Truth) -> None:
    """A snapshot."""
    verdict.count(row.identity)
    expected = day.backlog(row.window_end, row.as_of)
    if (row.numerator, row.denominator) != expected:
        verdict.differs(row.identity, _not_so(row, expected))
    _judge_shown(verdict, row, day.backlog_shown(row.window_end, row.as_of), day.end)


def _judge_snapshots(
    verdict: Verdict, found: Mapping[Identity, KpiRow], expected: Mapping[int, int | None]
) -> None:
    """That each is there, and became final when it should."""
    size = window.base_size("5min")
    for instant, final in expected.items():
        identity = (*_GAUGE, "city", "city", instant - size)
        told = found.get(identity)
        if told is None:
            verdict.count(identity)
            verdict.differs(identity, "was never published")
        elif (told.as_of if told.finality is Finality.FINAL else None) != final:
            verdict.differs(identity, f"{told.finality} as of {told.as_of}, final is {final}")


def _judge_shown(verdict: Verdict, row: KpiRow, true: Shown | None, end: int) -> None:
    """What is said beside the integers: number, status, completeness, companions and so on."""
    if true is None:
        verdict.differs(row.identity, "of this window the truth tells nothing")
        return
    # What was looked at after the days' end may have become final since; the truth ends there.
    final = true.final if row.as_of > end else row.finality is Finality.FINAL
    left_out = {reason: count for reason, count in row.excluded.items() if count}
    beside = {name: row.companions.get(name, row.details.get(name)) for name in true.beside}
    said = Shown(row.value, row.status.value, row.completeness, left_out, final, beside)
    wrong = [
        f"{name} {getattr(said, name)}, true is {getattr(true, name)}"
        for name in Shown.__slots__ if getattr(said, name) != getattr(true, name)
    ]  # fmt: skip
    if wrong:
        verdict.differs(row.identity, f"published {'; '.join(wrong)}")
    verdict.statuses.add(row.status.value)
    verdict.reasons.setdefault(row.kpi, set()).update(true.left_out)
    verdict.companions.setdefault(row.kpi, set()).update(
        name for name, text in true.beside.items() if text is not None
    )


def _not_so(row: KpiRow, expected: tuple[int, int]) -> str:
    return f"published {row.numerator}/{row.denominator}, true is {expected[0]}/{expected[1]}"


def exported(page: str, row: KpiRow) -> bool:
    """The page of `/metrics` shows this row's value, or no series where it has none."""
    wanted = {
        "kpi": row.kpi,
        "window": row.window,
        "scope_type": row.scope_type,
        "scope_id": row.scope_id,
    }
    values = [
        float(value)
        for labels, value in _VALUE.findall(page)
        if wanted.items() <= dict(_LABEL.findall(labels)).items()
    ]
    return values == ([] if row.value is None else [float(row.value)])
