"""Masters of which the filing of a copy decides a number of a day (catalogue C3, iii)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core import moment
from core.events import Value
from sim import workdays
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CATEGORIES, CENTRE, moved
from sim.links import Way, copy_of, filed

_QUICK = (("forwarded", moment.HOUR), ("assigned", 61 * moment.MINUTE))


@dataclass(frozen=True, slots=True)
class _Life:
    """What becomes of a master that was filed `later` than its copy; steps so long after it.

    The copy was filed `days` working days before the day that counts, or so that the master was
    filed in the afternoon of that day.
    """

    name: str
    category: str
    later: int
    steps: tuple[tuple[str, int], ...]
    kind: str | None = None
    days: int | None = None

    def copy_filed(self, day: int) -> int:
        """When the copy was filed, for the day that begins then."""
        if self.days is None:
            return day + 14 * moment.HOUR - self.later
        at = day + 9 * moment.HOUR
        while workdays.due(at, self.days) >= day + moment.DAY:
            at -= moment.DAY
        return at


_LIVES = (
    _Life("solved_in_hours", "air", 26 * moment.HOUR, (*_QUICK, ("resolved", 5 * moment.HOUR))),
    # No longer ago: what it moves must not be final yet.
    _Life("asked_days_ago", "jalan_rusak", 12 * moment.DAY,
          (("verified", moment.MINUTE), *_QUICK, ("resolved", 4 * moment.HOUR))),
    _Life("passed_on_in_time", "drainase", 27 * moment.HOUR, (("forwarded", 50 * moment.HOUR),),
          days=3),
    _Life("open_question", "bansos", 29 * moment.HOUR, _QUICK, "info", days=5),
)  # fmt: skip


def _ways(before: int) -> tuple[tuple[Way, ...], ...]:
    """Ways in which a filing so long before the master decides, and one in which it would."""
    told = Way("told_before", before)
    return (
        (told,),
        (told, Way("told_between", moment.HOUR)),
        (Way("undone", before, undone="told"),),
        (Way("earliest_undone", before + 3 * moment.DAY, undone="told"), told),
        (Way("mended", before + 4 * moment.DAY, again=4 * moment.DAY),),
    )


def first_filings(chance: Chance, days: range) -> Iterator[Complaint]:
    """Of a story of one day each life in each way, of a longer one in turn one a day."""
    every = [(life, ways) for by_way in zip(*(_ways(life.later) for life in _LIVES), strict=True)
             for life, ways in zip(_LIVES, by_way, strict=True)]  # fmt: skip
    for index, day in enumerate(days):
        chosen = every if len(days) == 1 else [every[index % len(every)]]
        for n, (life, ways) in enumerate(chosen):
            number = 985_001 + 100 * index + 5 * n
            point = moved(*CENTRE, chance.real(-4000, 4000), chance.real(-5500, 5500))
            master = filed(chance, "sikesal", number, life.category, life.kind, point,
                           life.copy_filed(day) + life.later, life.name)  # fmt: skip
            master.steps += [step for step in _steps(life, master) if step.at < days.stop]
            yield master
            for way in ways:
                number += 1
                yield copy_of(chance, way, master, number, days.stop)


def _steps(life: _Life, master: Complaint) -> Iterator[Step]:
    opd: dict[str, Value] = {"opd": CATEGORIES[life.category].opd}
    for what, wait in life.steps:
        own: dict[str, Value] = {"verdict": "valid"} if what == "verified" else opd
        yield Step(what, master.submitted_at + wait, own)
