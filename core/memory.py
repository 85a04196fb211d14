"""What is remembered of the rows that were published: of each window its last revision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.moment import DAY, NEVER, wib_day_start
from core.rows import Identity

GAUGE = "5min"
"""The kind of window of live gauges."""


class Published(NamedTuple):
    """What is remembered of the last revision of a window."""

    revision: int
    digest: str
    final: bool
    end: int
    restated: str = ""
    """Digest of what a late event would have made of a final row, once that was told."""
    share: str | None = None
    """What the composite score needs of it (`core.composite.remembered`)."""


class Memory(dict[Identity, Published]):
    """The last revisions, by identity; put in with `recall`, taken out with `forget`."""

    def __init__(self) -> None:
        """Nothing was published yet."""
        super().__init__()
        self.open: set[Identity] = set()
        """Those whose last row was not final."""
        self._ending: dict[int, set[Identity]] = {}
        """By the day (its midnight WIB) in which their window ends."""
        self._gauges: set[Identity] = set()
        self._first_open: int | None = None

    def recall(self, identity: Identity, said: Published) -> None:
        """Remember what was said last of a window."""
        self[identity] = said
        self._first_open = None
        self._ending.setdefault(wib_day_start(said.end - 1), set()).add(identity)
        if identity[1] == GAUGE:
            self._gauges.add(identity)
        if said.final:
            self.open.discard(identity)
        else:
            self.open.add(identity)

    def forget(self, identity: Identity) -> None:
        """Of a window that nobody asks for again; it was final."""
        day = wib_day_start(self.pop(identity).end - 1)
        self._gauges.discard(identity)
        self._ending[day].discard(identity)
        if not self._ending[day]:
            del self._ending[day]

    @property
    def first_open(self) -> int:
        """The first end of a window that is not final."""
        if self._first_open is None:
            self._first_open = min((self[one].end for one in self.open), default=NEVER)
        return self._first_open

    def ending_from(self, day: int) -> Iterator[Identity]:
        """Windows that end on a WIB day (its midnight) or later."""
        for own in [own for own in self._ending if own >= day]:
            yield from self._ending[own]

    def ended_by(self, at: int) -> list[Identity]:
        """Windows that ended on a WIB day that was over at an instant."""
        return [i for day, own in self._ending.items() if day + DAY <= at for i in own]

    def past_gauges(self, before: int) -> list[Identity]:
        """Live gauges that are final and ended before an instant."""
        return [i for i in self._gauges if self[i].final and self[i].end < before]
