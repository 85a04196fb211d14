"""A ledger of shares: what each subject contributes now, and the cells that result.

Replacing a subject's shares retracts the old ones, so a cell is always the sum over the present
state of all subjects, whatever happened on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core import window
from core.cells import CellKey, Counters, Share, add
from core.kpi import Case, Kpi, Subject

Entry = tuple[CellKey, Mapping[str, int]]


class Ledger:
    """Cells of one task and who contributed to them."""

    def __init__(self) -> None:
        """Start empty."""
        self.cells: dict[CellKey, Counters] = {}
        self._entries: dict[object, tuple[Entry, ...]] = {}
        self._touched: dict[CellKey, Counters] = {}
        self._settled: dict[CellKey, Counters] = {}

    def replace(self, subject: object, entries: Iterable[Entry]) -> None:
        """The subject now contributes exactly these entries."""
        new = tuple(entries)
        old = self._entries.get(subject, ())
        if new == old:
            return
        for sign, changed in ((-1, old), (1, new)):
            for key, counters in changed:
                self._change(key, counters, sign)
        if new:
            self._entries[subject] = new
        else:
            self._entries.pop(subject, None)

    def forget(self, subject: object) -> None:
        """Drop a subject whose cells are final; their last published values stay published."""
        for key, _ in self._entries.pop(subject, ()):
            self.cells.pop(key, None)
            self._touched.pop(key, None)

    def trust(self, subject: object) -> None:
        """The subject will never contribute anything else: what it did need not be remembered."""
        self._entries.pop(subject, None)

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
        return {key: counters for key, counters in settled.items() if counters}

    def take(self) -> tuple[dict[CellKey, Counters], dict[CellKey, Counters]]:
        """Changed cells and those that something left, and what left them since the last call."""
        settled, cells = self.take_settled(), self.take_changes()
        cells |= {key: dict(self.cells.get(key, {})) for key in settled.keys() - cells.keys()}
        return cells, settled

    def _change(self, key: CellKey, counters: Mapping[str, int], sign: int) -> None:
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = {}
        if key not in self._touched:
            self._touched[key] = dict(cell)
        add(cell, counters, sign)

    def take_changes(self) -> dict[CellKey, Counters]:
        """Cells that differ from the last call, with their absolute values; empty ones too."""
        changed = {
            key: dict(self.cells.get(key, {}))
            for key, before in self._touched.items()
            if self.cells.get(key, {}) != before
        }
        for key in self._touched:
            if not self.cells.get(key, True):
                del self.cells[key]
        self._touched.clear()
        return changed


def entries(kpi: Kpi, scopes: Mapping[str, str], shares: Iterable[Share]) -> Iterable[Entry]:
    """Spread the shares of one subject over the scopes that the KPI publishes."""
    for share in shares:
        start = window.base_start(kpi.base, share.at)
        named = {**scopes, **share.scopes}
        for scope_type in ("city",) if share.city_only else kpi.scopes:
            if scope_type in named:
                yield CellKey(kpi.id, scope_type, named[scope_type], start), share.counters


def case_entries(kpi: Kpi, subject: Subject, case: Case) -> Iterable[Entry]:
    """What one case of a subject adds to a KPI that looks at such cases."""
    return entries(kpi, case.scopes, kpi.looks_at[subject](case))
