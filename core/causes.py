"""Who moved old cells: the causes of restatements (convention C5).

A final number never changes, so what would change it is told beside it, with the names of the
cases or statements whose share in its cells is another one than before.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from core import window
from core.cells import CellKey, Counters, add
from core.kpis import by_id
from core.ledger import Entry, Flat, Part, spread
from core.moment import DAY

NAMED = 20
"""So many causes are named, the first by name; of others it is only said that there are some.
Project choice: a source that was away for weeks may move a number by thousands of cases."""
_REOPEN_AT_LEAST = 10 * DAY
"""Ten working days are no less."""


class Causes(NamedTuple):
    """Names as `kind:id`, in order; `more`: there are others."""

    names: tuple[str, ...] = ()
    more: bool = False

    @classmethod
    def of(cls, several: Iterable[Causes]) -> Causes:
        """All of these together."""
        parts = list(several)
        names = sorted({name for part in parts for name in part.names})
        return cls(tuple(names[:NAMED]), len(names) > NAMED or any(part.more for part in parts))


class Movers:
    """What moved the cells of one task since the last tick, of those a final row may hold."""

    def __init__(self) -> None:
        """Nothing has moved."""
        self._found: dict[Flat, tuple[list[str], bool]] = {}

    def note(
        self, gone: Iterable[Part], came: Iterable[Part], names: Iterable[str], tick: int
    ) -> None:
        """Parts of a subject went, and others came, because of the cases or statements `names`."""
        # Nearly all cases are young, and this is asked of each of their parts.
        went, new = ([one for one in parts if _is_old(one, tick)] for parts in (gone, came))
        latest = {cells.id: tick - _final_after(cells.id) for cells, *_ in (*went, *new)}
        for key in _differing(spread(went), spread(new)):
            if key[3] <= latest[key[0]]:
                for name in names:
                    self._add(key, name)

    def take(self) -> dict[CellKey, Causes]:
        """All of it, once."""
        found, self._found = self._found, {}
        return {CellKey(*key): Causes(tuple(names), more) for key, (names, more) in found.items()}

    def _add(self, key: Flat, name: str) -> None:
        names, more = self._found.get(key, ([], False))
        if name not in names:
            insort(names, name)
            more |= len(names) > NAMED
            del names[NAMED:]
        self._found[key] = names, more


def _is_old(part: Part, tick: int) -> bool:
    """Whether a row that holds anything of a part may be final at a tick."""
    cells, _, shares = part
    first = min([share.at for share in shares])
    return first - window.base_size(cells.base) < tick - _final_after(cells.id)


@cache
def _final_after(name: str) -> int:
    """From the start of a cell until a row that holds it may be final, at least."""
    kpi = by_id()[name]
    reopening = _REOPEN_AT_LEAST if kpi.reopens else 0
    return window.base_size(kpi.base) + kpi.lateness + reopening


def _differing(old: Iterable[Entry], new: Iterable[Entry]) -> Iterable[Flat]:
    change: dict[Flat, Counters] = {}
    for sign, entries in ((-1, old), (1, new)):
        for key, counters in entries:
            add(change.setdefault(key, {}), counters, sign)
    return [key for key, counters in change.items() if counters]
