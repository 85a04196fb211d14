"""Citizens who told of a matter before the one whose case became its master (catalogue C3, iii).

Their operator links the two and says, or does not, when the first was filed; some links are undone,
said again or told of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from core import moment
from core.events import Value
from sim import workdays
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CATEGORIES, CENTRE, KELURAHAN_CODES, moved

_EVERY = 40
"""Of so many complaints one is linked in one of these ways; at least one in each."""
_MASTERS = ("on_time", "late", "never_solved", "on_the_dot", "reopened_and_solved")
_SAID, _UNSAID = True, False


@dataclass(frozen=True, slots=True)
class _Way:
    """How a copy is linked: filed `before` the master (after it, if negative), linked `after` it.

    `said`: the link tells when it was filed; `undone`: it is taken back, and whether the master is
    told; `again`: the link is told once more, with a filing that much later.
    """

    name: str
    before: int
    after: int = 30 * moment.MINUTE
    said: bool = True
    undone: bool | None = None
    again: int = 0


@dataclass(frozen=True, slots=True)
class _Life:
    """A master made so that its first filing decides a number of a day.

    Its copy was filed `days` working days before that day, and it itself `later` than the copy.
    Where that is None it was filed in the afternoon of that day.
    """

    name: str
    category: str
    kind: str | None
    days: int | None
    later: int
    forwarded: int
    resolved: int | None = None

    def filed(self, day: int) -> int:
        """When the copy was filed."""
        if self.days is None:
            return day + 14 * moment.HOUR - self.later
        at = day + 9 * moment.HOUR
        while workdays.due(at, self.days) >= day + moment.DAY:
            at -= moment.DAY
        return at


_LIVES = (
    _Life("solved_in_hours", "air", None, None, 26 * moment.HOUR, moment.HOUR, 5 * moment.HOUR),
    _Life(
        "asked_weeks_ago", "jalan_rusak", None, None, 39 * moment.DAY, moment.HOUR, 4 * moment.HOUR
    ),
    _Life("passed_on_in_time", "drainase", None, 3, 27 * moment.HOUR, 50 * moment.HOUR),
    _Life("open_question", "bansos", "info", 5, 29 * moment.HOUR, 3 * moment.HOUR),
)
_DAY_BEFORE = _Way("told_before", 26 * moment.HOUR)
_WAYS: tuple[tuple[_Way, ...], ...] = (
    (_DAY_BEFORE,),
    (_Way("told_days_before", 9 * moment.DAY),),
    (_Way("told_long_before", 30 * moment.HOUR, 6 * moment.DAY),),
    (_Way("told_after", -3 * moment.HOUR, 4 * moment.HOUR),),
    (_Way("not_said", 2 * moment.DAY, said=False),),
    (_Way("undone", 2 * moment.DAY, undone=_SAID),),
    (_Way("undone_and_not_said", 2 * moment.DAY, undone=_UNSAID),),
    (_Way("earliest_undone", 5 * moment.DAY, undone=_SAID), _DAY_BEFORE),
    (_DAY_BEFORE, _Way("told_days_before", 4 * moment.DAY)),
    (_Way("mended", 6 * moment.DAY, again=5 * moment.DAY),),
    (_Way("never_linked", 2 * moment.DAY, said=False, undone=_SAID),),
)


def links(chance: Chance, complaints: list[Complaint], days: range) -> list[Complaint]:
    """Copies of some of the complaints, which are told of them, and masters with theirs.

    Of categories that no camera can see: others are kept clear of close calls where they are made.
    """
    return [*_of_days(chance, days), *_of_others(chance, complaints, days.stop)]


def _of_days(chance: Chance, days: range) -> Iterator[Complaint]:
    """Of a story of one day each life in each way, of a longer one in turn, one a day."""
    every = [(life, number) for life in _LIVES for number in range(len(_said(0)))]
    for index, day in enumerate(days):
        for n, (life, number) in enumerate(every):
            if len(days) > 1 and n != index % len(every):
                continue
            made = 985_001 + 100 * index + 5 * n
            filed = life.filed(day) + life.later
            point = moved(*CENTRE, chance.real(-4000, 4000), chance.real(-5500, 5500))
            master = _filed("sikesal", made, life.category, life.kind, point, filed, life.name,
                            chance)  # fmt: skip
            opd = CATEGORIES[life.category].opd
            after = [("forwarded", life.forwarded), ("assigned", life.forwarded + moment.MINUTE),
                     ("resolved", life.resolved)]  # fmt: skip
            master.steps += [
                Step(what, filed + wait, {"opd": opd})
                for what, wait in after if wait is not None and filed + wait < days.stop
            ]  # fmt: skip
            yield master
            for way in _said(life.later)[number]:
                made += 1
                yield _copy(chance, way, master, made, days.stop)


def _said(before: int) -> tuple[tuple[_Way, ...], ...]:
    """Ways in which a filing so long before the master decides, and one in which it would."""
    told = _Way("told_before", before)
    return (
        (told,),
        (_Way("undone", before, undone=_SAID),),
        (_Way("earliest_undone", before + 3 * moment.DAY, undone=_SAID), told),
        (_Way("mended", before + 4 * moment.DAY, again=4 * moment.DAY),),
    )


def _of_others(chance: Chance, complaints: list[Complaint], end: int) -> list[Complaint]:
    masters = [
        c for c in complaints
        if c.plot in _MASTERS and c.point and c.kind in (None, "complaint") and not c.origin_ref
        and c.category in CATEGORIES and CATEGORIES[c.category].incident is None
        and c.submitted_at + moment.DAY < end
    ]  # fmt: skip
    found: list[Complaint] = []
    for ways in cycle(_WAYS):
        if not masters or len(found) >= max(len(complaints) // _EVERY, len(_WAYS) + 2):
            return found
        master = masters.pop(chance.whole(0, len(masters) - 1))
        for way in ways:
            found.append(_copy(chance, way, master, 970_001 + len(found), end))
    return found


def _copy(chance: Chance, way: _Way, master: Complaint, number: int, end: int) -> Complaint:
    source = chance.one(("sikesal", "sp4n_lapor", "call112", "walk_in"))
    filed = master.submitted_at - way.before
    assert master.point is not None
    point = moved(*master.point, 14.0, 0.0)
    copy = _filed(source, number, master.category, master.kind, point, filed, way.name, chance)
    for step, told in _told(way, master, copy):
        if step.at < end:
            copy.steps.append(step)
            if told is not None:
                master.steps.append(told)
    # What is told in one moment stays in the order in which it was.
    master.steps.sort(key=lambda step: step.at)
    return copy


def _filed(source: str, number: int, category: str, kind: str | None,
           point: tuple[float, float], at: int, plot: str,
           chance: Chance) -> Complaint:  # fmt: skip
    return Complaint(
        source, f"{source[:2].upper()}-2026-{number}", category, kind, chance.one(KELURAHAN_CODES),
        point, None, f"08{chance.digits(10)}", None, plot, [Step("submitted", at)],
    )  # fmt: skip


def _told(way: _Way, master: Complaint, copy: Complaint) -> Iterator[tuple[Step, Step | None]]:
    """Each record of the copy, and what it tells the master."""
    of_copy: dict[str, Value] = {"duplicate_case_id": copy.case_id}
    linked = master.submitted_at + way.after
    if way.name != "never_linked":
        for hours, later in enumerate((0, way.again) if way.again else (0,)):
            at, filed = linked + hours * moment.HOUR, copy.submitted_at + later
            told = Step("duplicate_gained", at, {**of_copy, "submitted_at": filed}, copy)
            link: dict[str, Value] = {"master_case_id": master.case_id}
            yield Step("duplicate_linked", at, link), told if way.said else None
    if way.undone is not None:
        at = linked + 5 * moment.HOUR
        lost = Step("duplicate_lost", at, of_copy, copy)
        yield Step("duplicate_unlinked", at), lost if way.undone else None
