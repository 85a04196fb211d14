"""A ledger of shares: what each subject contributes now, and the cells that result.

Replacing a subject's shares retracts the old ones, so a cell is always the sum over the present
state of all subjects, whatever happened on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core import window
from core.cells import CellKey, Counters, Share, add
from core.kpi import Case, Kpi, Subject

Flat = tuple[str, str, str, int]
"""What a `CellKey` says, as a plain tuple: there are fifty for each case, made anew each time that
something happens to it, and one of a class of ours costs ten times as much."""
Entry = tuple[Flat, Mapping[str, int]]

_CITY = ("city",)


class Ledger:
    """Cells of one task and who contributed to them."""

    def __init__(self) -> None:
        """Start empty."""
        self.cells: dict[Flat, Counters] = {}
        self._entries: dict[object, tuple[Entry, ...]] = {}
        self._touched: dict[Flat, Counters] = {}
        self._settled: dict[Flat, Counters] = {}

    def replace(self, subject: object, entries: Iterable[Entry]) -> None:
        """The subject now contributes exactly these entries."""
        new = tuple(entries)
        old = self._entries.get(subject, ())
        if new == old:
            return
        for key, counters in old:
            self._change(key, counters, -1)
        for key, counters in new:
            self._change(key, counters, 1)
        if new:
            self._entries[subject] = new
        else:
            self._entries.pop(subject, None)

    def forget(self, subject: object) -> None:
        """Drop a subject whose cells are final; their last published values stay published."""
        for key, _ in self._entries.pop(subject, ()):
            self.cells.pop(key, None)
            self._touched.pop(key, None)

    def add(self, entries: Iterable[Entry]) -> None:
        """Of a subject that will never contribute anything else, so that nobody remembers it."""
        for key, counters in entries:
            self._change(key, counters, 1)

    def settle(self, subject: object) -> None:
        """Drop a subject for good; what it added is told once more by `take_settled`."""
        for key, counters in self._entries.pop(subject, ()):
            self._change(key, counters, -1)
            add(self._settled.setdefault(key, {}), counters)

    def reduce(self, subject: object, entries: Iterable[Entry]) -> None:
        """Of what the subject contributes only these stay; what goes is told by `take_settled`."""
        old = self._entries.get(subject, ())
        self.replace(subject, entries)
        for sign, changed in ((1, old), (-1, self._entries.get(subject, ()))):
            for key, counters in changed:
                add(self._settled.setdefault(key, {}), counters, sign)

    def entries_of(self, subject: object) -> tuple[Entry, ...]:
        """What a subject contributes now."""
        return self._entries.get(subject, ())

    def take_settled(self) -> dict[CellKey, Counters]:
        """What the subjects added that were dropped since the last call."""
        settled, self._settled = self._settled, {}
        return {CellKey(*key): counters for key, counters in settled.items() if counters}

    def take(self) -> tuple[dict[CellKey, Counters], dict[CellKey, Counters]]:
        """Changed cells and those that something left, and what left them since the last call."""
        settled, cells = self.take_settled(), self.take_changes()
        cells |= {key: dict(self.cells.get(key, {})) for key in settled.keys() - cells.keys()}
        return cells, settled

    def _change(self, key: Flat, counters: Mapping[str, int], sign: int) -> None:
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = {}
        if key not in self._touched:
            self._touched[key] = dict(cell)
        add(cell, counters, sign)

    def take_changes(self) -> dict[CellKey, Counters]:
        """Cells that differ from the last call, with their absolute values; empty ones too."""
        changed = {
            CellKey(*key): dict(self.cells.get(key, {}))
            for key, before in self._touched.items()
            if self.cells.get(key, {}) != before
        }
        for key in self._touched:
            if not self.cells.get(key, True):
                del self.cells[key]
        self._touched.clear()
        return changed


def entries(kpi: Kpi, scopes: Mapping[str, str], shares: Iterable[Share]) -> list[Entry]:
    """Spread the shares of one subject over the scopes that the KPI publishes."""
    made: list[Entry] = []
    for share in shares:
        start, counters = window.base_start(kpi.base, share.at), share.counters
        named = {**scopes, **share.scopes} if share.scopes else scopes
        for scope_type in _CITY if share.city_only else kpi.scopes:
            if (scope_id := named.get(scope_type)) is not None:
                made.append(((kpi.id, scope_type, scope_id, start), counters))
    return made


def case_entries(kpi: Kpi, subject: Subject, case: Case) -> list[Entry]:
    """What one case of a subject adds to a KPI that looks at such cases."""
    return entries(kpi, case.scopes, kpi.looks_at[subject](case))
