"""A ledger of shares: what each subject contributes now, and the cells that result.

Replacing a subject's shares retracts the old ones, so a cell is always the sum over the present
state of all subjects, whatever happened on the way.  What is kept of a subject are its shares, not
the cells that they go to: those are several times as many, and found again when they are needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from core import window
from core.cells import CellKey, Counters, Share, add
from core.kpi import Case, Kpi, Subject
from core.moment import WIB

Flat = tuple[str, str, str, int]
"""What a `CellKey` says, as a plain tuple: there are fifty for each case, made anew each time that
something happens to it, and one of a class of ours costs ten times as much."""
Entry = tuple[Flat, Mapping[str, int]]

_CITY = ("city",)


class Cells(Protocol):
    """What shares are spread over: a KPI, or a series that is none."""

    @property
    def id(self) -> str:
        """First part of the key of its cells."""

    @property
    def base(self) -> str:
        """Size of its cells (`core.window`)."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """Types of the scopes that it has cells of."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Cells that are no KPI's."""

    id: str
    base: str
    scopes: tuple[str, ...]


Part = tuple[Cells, Mapping[str, str], tuple[Share, ...]]
"""What one case adds: to what, in which scopes it is, and its shares."""


class Ledger:
    """Cells of one task and who contributed to them."""

    def __init__(self) -> None:
        """Start empty."""
        self.cells: dict[Flat, Counters] = {}
        self._parts: dict[object, tuple[Part, ...]] = {}
        self._touched: dict[Flat, Counters] | None = None
        """What cells were before they changed; None: of all that there is nothing was told yet."""
        self._settled: dict[Flat, Counters] = {}

    def replace(self, subject: object, parts: Iterable[Part]) -> tuple[list[Part], list[Part]]:
        """The subject now contributes exactly these parts: those that went, and those that came."""
        new = tuple([part for part in parts if part[2]])
        gone: list[Part] = []
        came = list(new)
        for part in self._parts.get(subject, ()):
            if part in came:
                came.remove(part)
            else:
                gone.append(part)
        self._change(spread(gone), -1)
        self._change(spread(came), 1)
        if not new:
            self._parts.pop(subject, None)
        elif gone or came:
            self._parts[subject] = new
        return gone, came

    def forget(self, subject: object) -> None:
        """Drop a subject whose cells are final; their last published values stay published."""
        for key, _ in spread(self._parts.pop(subject, ())):
            self.cells.pop(key, None)
            if self._touched is not None:
                self._touched.pop(key, None)

    def add(self, parts: Iterable[Part]) -> None:
        """Of a subject that will never contribute anything else, so that nobody remembers it."""
        self._change(spread(parts), 1)

    def settle(self, subject: object) -> None:
        """Drop a subject for good; what it added is told once more by `take_settled`."""
        entries = spread(self._parts.pop(subject, ()))
        self._change(entries, -1)
        for key, counters in entries:
            add(self._settled.setdefault(key, {}), counters)

    def reduce(self, subject: object, parts: Iterable[Part]) -> None:
        """Of what the subject contributes only these stay; what goes is told by `take_settled`."""
        for sign, changed in zip((1, -1), self.replace(subject, parts), strict=True):
            for key, counters in spread(changed):
                add(self._settled.setdefault(key, {}), counters, sign)

    def parts_of(self, subject: object) -> tuple[Part, ...]:
        """What a subject contributes now: the very same object until that changes."""
        return self._parts.get(subject, ())

    def take_settled(self) -> dict[CellKey, Counters]:
        """What the subjects added that were dropped since the last call."""
        settled, self._settled = self._settled, {}
        return {CellKey(*key): counters for key, counters in settled.items() if counters}

    def take(self) -> tuple[dict[CellKey, Counters], dict[CellKey, Counters]]:
        """Changed cells and those that something left, and what left them since the last call."""
        settled, cells = self.take_settled(), self.take_changes()
        cells |= {key: dict(self.cells.get(key, {})) for key in settled.keys() - cells.keys()}
        return cells, settled

    def _change(self, entries: Iterable[Entry], sign: int) -> None:
        cells, touched = self.cells, self._touched
        for key, counters in entries:
            cell = cells.get(key)
            if cell is None:
                cell = cells[key] = {}
            if touched is not None and key not in touched:
                touched[key] = cell.copy()
            add(cell, counters, sign)

    def take_changes(self) -> dict[CellKey, Counters]:
        """Cells that differ from the last call, with their absolute values; empty ones too."""
        if self._touched is None:
            self.told()
            return {CellKey(*key): dict(counters) for key, counters in self.cells.items()}
        changed = {
            CellKey(*key): dict(self.cells.get(key, {}))
            for key, before in self._touched.items()
            if self.cells.get(key, {}) != before
        }
        self._drop_empty(self._touched)
        self._touched.clear()
        return changed

    def told(self) -> None:
        """What there is now is known to whoever takes changes."""
        self._drop_empty(self.cells)
        self._touched = {}

    def _drop_empty(self, keys: Iterable[Flat]) -> None:
        for key in [key for key in keys if not self.cells.get(key, True)]:
            del self.cells[key]


def part(cells: Cells, scopes: Mapping[str, str], shares: Iterable[Share]) -> Part:
    """Shares of one subject."""
    return cells, scopes, tuple(shares)


def spread(parts: Iterable[Part]) -> list[Entry]:
    """The cells that parts go to, and what they add there."""
    made: list[Entry] = []
    for cells, scopes, shares in parts:
        name, size = cells.id, window.base_size(cells.base)
        for share in shares:
            # As `window.base_start` has it, without a call for each share.
            start, counters = share.at - (share.at + WIB) % size, share.counters
            named = {**scopes, **share.scopes} if share.scopes else scopes
            for scope_type in _CITY if share.city_only else cells.scopes:
                if (scope_id := named.get(scope_type)) is not None:
                    made.append(((name, scope_type, scope_id, start), counters))
    return made


def parts_of(kpi: Kpi, subject: Subject, cases: Iterable[Case]) -> list[Part]:
    """What cases of a subject add to a KPI that looks at such cases."""
    shares = kpi.looks_at[subject]
    return [(kpi, case.scopes, tuple(shares(case))) for case in cases]
