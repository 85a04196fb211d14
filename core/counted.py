"""What a window counts: the merged cells of one KPI and scope that belong to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from core import window
from core.cells import BEFORE, SINCE, UNSETTLED, UNTIL, CellKey, Counters
from core.heard import Heard
from core.histogram import MARK, Sum
from core.kpi import Kpi
from core.kpis import by_id
from core.moment import NEVER, SECOND
from core.rolling import Rolling
from core.snapshots import Snapshots
from core.timeline import Timeline

Scope = tuple[str, str]
"""Type and id."""
CITY: Scope = ("city", "city")
Parts = Mapping[str, Counters]
"""A cell, by the upstream tasks that tell of it."""
_NOT_HELD: dict[int, Parts] = {}


@dataclass
class Counted:
    """All cells that there are, by KPI, scope and start.

    `of` moves sums on from window to window: between two calls of `begin` it is asked of one KPI,
    and no cell of it changes.
    """

    heard: Heard
    resettled: set[CellKey] = field(default_factory=set)
    """Cells that became or were such that no calendar knows a due instant of theirs."""
    _held: dict[str, dict[Scope, dict[int, Parts]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    _at: dict[str, dict[int, set[Scope]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    """The same the other way round: by KPI and start, which scopes there are."""
    _unsettled: dict[tuple[str, Scope], set[int]] = field(default_factory=dict)
    """Starts of the cells with cases that no calendar knows the due instant of."""
    _snapshots: dict[tuple[str, Scope], Snapshots] = field(default_factory=dict)
    _sums: dict[tuple[str, str, Scope], Rolling[Sum]] = field(default_factory=dict)
    """By kind of window and scope, of whole cells ("") and of what they carry on (`BEFORE`)."""
    _timelines: dict[tuple[str, Scope], Timeline[Parts, Sum]] = field(default_factory=dict)
    """Likewise."""

    def put(self, key: CellKey, parts: Parts) -> None:
        """A cell as it now is; `parts` may change, and is then put again."""
        unsettled = any(UNSETTLED in part for part in parts.values())
        if unsettled or self._unsettled:
            self._note_unsettled(key, unsettled)
        kpi, start, scope = key.kpi, key.start, key[1:3]
        self._held[kpi][scope][start] = parts
        self._at[kpi][start].add(scope)
        if self._snapshots:
            self._snapshots.pop((kpi, scope), None)

    def drop(self, key: CellKey) -> None:
        """A cell that nobody asks for any more."""
        self._note_unsettled(key, False)
        held, scope = self._held[key.kpi], key[1:3]
        del held[scope][key.start]
        if not held[scope]:
            del held[scope]
        at = self._at[key.kpi]
        at[key.start].discard(scope)
        if not at[key.start]:
            del at[key.start]

    def _note_unsettled(self, key: CellKey, unsettled: bool) -> None:
        starts = self._unsettled.get((key.kpi, key[1:3]), set())
        if unsettled is not (key.start in starts):
            starts = self._unsettled.setdefault((key.kpi, key[1:3]), set())
            (starts.add if unsettled else starts.discard)(key.start)
            self.resettled.add(key)

    def is_unsettled(self, kpi: Kpi, scope: Scope, span: window.Span) -> bool:
        """Whether a case may fall due in the window or may not: no calendar tells."""
        starts = self._unsettled.get((kpi.id, scope))
        return starts is not None and not kpi.cumulative and min(starts, default=NEVER) < span[1]

    def scopes(self, kpi: Kpi) -> Collection[Scope]:
        """All with a cell."""
        return self._held.get(kpi.id, {}).keys()

    def starts(self, kpi: Kpi) -> Collection[int]:
        """Of all cells of a KPI."""
        return self._at.get(kpi.id, {}).keys()

    def by_time(self, kpi: Kpi) -> Timeline[set[Scope], dict[Scope, int]]:
        """The scopes with a cell at each start."""
        at, size = self._at.get(kpi.id, {}), window.base_size(kpi.base)
        return Timeline(at, size, lambda scopes: dict.fromkeys(scopes, 1))

    def begin(self) -> None:
        """With another KPI, or after cells have changed."""
        self._sums.clear()
        self._timelines.clear()

    def of(self, kpi: Kpi, kind: str, scope: Scope, span: window.Span) -> Counters:
        """The sum of what a window says something of; not to be changed."""
        if kpi.cumulative:
            return self._snapshots_of(kpi, scope).at(span[1])
        if window.rolls(kind):
            inside = self._rolling(kpi, kind, scope).over(span)
        else:
            inside = Sum.of(self._timeline(kpi, scope).between(*span))
        return self._carried(kpi, kind, span, inside) if carries(kpi, scope) else inside

    def _rolling(self, kpi: Kpi, kind: str, scope: Scope, of: str = "") -> Rolling[Sum]:
        found = self._sums.get((of, kind, scope))
        if found is None:
            found = self._sums[of, kind, scope] = Rolling(Sum, self._timeline(kpi, scope, of))
        return found

    def _timeline(self, kpi: Kpi, scope: Scope, of: str = "") -> Timeline[Parts, Sum]:
        found = self._timelines.get((of, scope))
        if found is None:
            held, size = self._of_scope(kpi, scope), window.base_size(kpi.base)
            taken = self._observed if of != BEFORE else _carried_on_by
            found = self._timelines[of, scope] = Timeline(
                held, size, lambda parts: Sum(taken(kpi, parts.values()))
            )
        return found

    def _carried(self, kpi: Kpi, kind: str, span: window.Span, inside: Sum) -> Sum:
        """The sum of a window of the city, what cells before it carry into it, and its bounds."""
        if kpi.carried_for is None:
            first = min([span[0], *self._timeline(kpi, CITY, BEFORE).starts[:1]])
        else:
            first = span[0] - kpi.carried_for
        before = self._rolling(kpi, kind, CITY, BEFORE).over((first, span[0]))
        both = inside.beside(BEFORE, before)
        both[SINCE], both[UNTIL] = span[0] // SECOND, span[1] // SECOND
        return both

    def _of_scope(self, kpi: Kpi, scope: Scope) -> Mapping[int, Parts]:
        return self._held.get(kpi.id, {}).get(scope, _NOT_HELD)

    def _observed(self, kpi: Kpi, cells: Iterable[Counters]) -> Iterable[Counters]:
        if kpi.observed is None:
            return cells
        return [kpi.observed(one, self.heard.is_alive) for one in cells]

    def _snapshots_of(self, kpi: Kpi, scope: Scope) -> Snapshots:
        made = self._snapshots.get((kpi.id, scope))
        if made is None:
            held = self._of_scope(kpi, scope)
            cells = [part for parts in held.values() for part in parts.values()]
            made = Snapshots(self._observed(kpi, cells))
            self._snapshots[kpi.id, scope] = made
        return made


def carries(kpi: Kpi, scope: Scope) -> bool:
    """Whether windows are told what cells before them carry into them."""
    return bool(kpi.carries) and scope == CITY


def carried_on(kpi: Kpi, counters: Counters) -> Counters:
    """What of a cell is carried into later windows."""
    return {n: v for n, v in counters.items() if n.startswith(f"{kpi.carries}{MARK}")}


def _carried_on_by(kpi: Kpi, cells: Iterable[Counters]) -> Iterable[Counters]:
    return (carried_on(kpi, one) for one in cells)


def is_held(key: CellKey, span: window.Span) -> bool:
    """Whether a window says anything of a cell."""
    kpi = by_id()[key.kpi]
    since = 0 if kpi.cumulative or carries(kpi, key[1:3]) else span[0]
    return since <= key.start < span[1]


def held_until(kpi: Kpi, key: CellKey) -> int:
    """End of the last window that a cell says anything to."""
    if kpi.cumulative:
        return NEVER
    if not carries(kpi, key[1:3]):
        return last_end(kpi, key.start)
    return NEVER if kpi.carried_for is None else last_end(kpi, key.start + kpi.carried_for)


def last_end(kpi: Kpi, at: int) -> int:
    """End of the last window of the KPI that holds an instant."""
    return max(window.last_end(kind, at) for kind in kpi.windows)
