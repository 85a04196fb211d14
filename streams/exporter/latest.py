"""What the boards show: per KPI, window and scope, the latest revision of the latest closed window.

Pure, and the same whatever the order or repetition of rows: time is the largest `as_of` seen, so
a replay of the topic on another day ends in the same state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.rows import KpiRow

Series = tuple[str, str, str, str]
"""(kpi, window, scope_type, scope_id)"""


@dataclass(slots=True)
class Latest:
    """State of the exporter, fed row by row with `add`."""

    clock: int = 0
    """Largest `as_of` seen, a moment; a window that ends at or before it is closed."""
    _held: dict[Series, dict[int, KpiRow]] = field(default_factory=dict)
    _corrected: dict[tuple[str, str, str, str, int], int] = field(default_factory=dict)

    def add(self, row: KpiRow) -> None:
        """Take one row of `kpi.published`."""
        self.clock = max(self.clock, row.as_of)
        held = self._held.setdefault((row.kpi, row.window, row.scope_type, row.scope_id), {})
        known = held.get(row.window_end)
        if known is None or _rank(row) > _rank(known):
            held[row.window_end] = row
        self._forget_older(held)
        if row.revision > self._corrected.get(row.identity, 0):
            self._corrected[row.identity] = row.revision

    def rows(self) -> Iterator[KpiRow]:
        """One row per series that has a closed window, in the order of the series' names."""
        for _, held in sorted(self._held.items()):
            closed = self._last_closed(held)
            if closed is not None:
                yield held[closed]

    def corrections(self) -> Counter[tuple[str, str]]:
        """Revisions after the first, by (kpi, window), over all windows ever published."""
        total: Counter[tuple[str, str]] = Counter()
        for (kpi, window, *_), revision in self._corrected.items():
            total[kpi, window] += revision
        return total

    def _last_closed(self, held: dict[int, KpiRow]) -> int | None:
        return max((end for end in held if end <= self.clock), default=None)

    def _forget_older(self, held: dict[int, KpiRow]) -> None:
        closed = self._last_closed(held)
        if closed is not None and len(held) > 1:
            for end in [end for end in held if end < closed]:
                del held[end]


def _rank(row: KpiRow) -> tuple[int, bytes]:
    # A worker that crashed may publish a revision again from other offsets: any fixed choice
    # between the two will do, as long as it does not depend on which came first.
    return (row.revision, row.to_record())
