"""A simulated month: the story of a day told over many, small enough to look at every window."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date

from core import moment
from core.events import Event
from sim.day import PSEUDONYMS, Day
from sim.duties import POLICE
from sim.flows import SOURCE as ANALYTICS
from sim.post import KINDS, Post
from sim.story import PASSING, Scale, Silence

LITTLE = Scale(complaints=500, services=350, detections=25, incidents=80, closures=60)
_SILENT_FROM, _SILENT_DAYS = 11, 2
_OUTAGE_FROM, _OUTAGE_HOURS = 17, 20
_POLICE_JOIN, _DEAD_FROM = 5, 22
"""Days after the first: the police's feed begins; it and the traffic analytics are dead a day."""


class Month(Day):
    """Days from `date` on; the default ones hold the end of a month that ends a quarter.

    `trouble`: True, or the names of kinds of it (`sim.post.KINDS`).  What happens is the same with
    and without; only a source that is silent never tells what happened meanwhile.  Cameras that
    die, cases that are reopened, passed on or told to be solved and are not, and reports that
    contradict are in each story, trouble or not.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        date: Date = Date(2026, 9, 16),
        days: int = 31,
        scale: float | Scale = LITTLE,
        trouble: bool | Iterable[str] = False,
    ) -> None:
        """See the class.  Raises ValueError for an unknown kind of trouble."""
        super().__init__(seed=seed, date=date, scale=scale, days=days, pseudonyms=PSEUDONYMS)
        kinds = frozenset(KINDS if trouble is True else trouble or ())
        if unknown := kinds.difference(KINDS):
            message = f"no trouble {', '.join(sorted(unknown))}; known: {', '.join(KINDS)}"
            raise ValueError(message)
        outage = None
        if "silent" in kinds:
            since = self.start + min(_SILENT_FROM, days // 3) * moment.DAY
            until = since + _SILENT_DAYS * moment.DAY
            self.silences = [Silence(source, since, until) for source in PASSING]
            joins = self.start + min(_POLICE_JOIN, days // 3) * moment.DAY
            dead = self.start + min(_DEAD_FROM, days - 1) * moment.DAY
            self.silences.append(Silence(POLICE, 0, joins))
            self.silences += [
                Silence(feed, dead, dead + moment.DAY) for feed in (POLICE, ANALYTICS)
            ]
            down = self.start + min(_OUTAGE_FROM, days // 2) * moment.DAY + 6 * moment.HOUR
            outage = (down, down + _OUTAGE_HOURS * moment.HOUR)
        self.post = Post(seed, kinds, outage)

    def segments(self, every: int = moment.HOUR) -> list[tuple[int, list[Event]]]:
        """Ticks, the first of them when the days begin, each with what came since the one before.

        What comes after the last tick is left out.
        """
        made: list[tuple[int, list[Event]]] = [
            (tick, []) for tick in range(self.start, self.end + 1, every)
        ]
        for at, event in self.arrivals():
            number = max(0, (at - self.start) // every + 1)
            if number < len(made):
                made[number][1].append(event)
        return made
