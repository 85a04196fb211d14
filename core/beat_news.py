"""Of which days and sources the heartbeats are not what they were at the last tick."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable

from core.moment import DAY
from core.window import Span


class BeatNews:
    """Days (their starts) by source; a source that is heard for the first time has no last day."""

    def __init__(self, days: Iterable[tuple[str, int]], newly_heard: Collection[str]) -> None:
        """`newly_heard`: sources of which the first day is another one than before."""
        found: dict[str, set[int]] = {}
        for source, day in days:
            found.setdefault(source, set()).add(day)
        self._days = {source: sorted(of) for source, of in found.items()}
        self._newly_heard = newly_heard

    @property
    def first(self) -> int | None:
        """The first day of all; None without news."""
        return min((days[0] for days in self._days.values()), default=None)

    @property
    def sources(self) -> Collection[str]:
        """All that have news."""
        return self._days.keys()

    def concern(self, sources: Iterable[str], span: Span) -> bool:
        """Whether a window hears something new of any of these sources.

        The first heartbeat that a source ever sent says of all later windows that it is known.
        """
        return any(self._concern(source, span) for source in sources)

    def _concern(self, source: str, span: Span) -> bool:
        days = self._days.get(source)
        if days is None:
            return False
        if source in self._newly_heard:
            return days[0] < span[1]
        after = bisect_left(days, span[0] - DAY + 1)
        return after < len(days) and days[after] < span[1]
