"""Citizens who told of a matter before the one whose case became its master (catalogue C3, iii).

Their operator links the two and says, or does not, when the first was filed; some links are undone,
said again or told of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

from core import moment
from core.events import Value
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CATEGORIES, KELURAHAN_CODES, moved

_EVERY = 40
"""Of so many complaints one is linked in one of these ways; at least one in each."""
_MASTERS = ("on_time", "late", "never_solved", "on_the_dot", "reopened_and_solved")


@dataclass(frozen=True, slots=True)
class Way:
    """How a copy is linked: filed `before` the master (after it, if negative), linked `after` it.

    `said`: the link tells when it was filed; `undone`: it is taken back, and the master is told or
    not; `again`: the link is told once more, with a filing that much later.
    """

    name: str
    before: int
    after: int = 30 * moment.MINUTE
    linked: bool = True
    said: bool = True
    undone: Literal["", "told", "untold"] = ""
    again: int = 0


_DAY_BEFORE = Way("told_before", 26 * moment.HOUR)
_WAYS: tuple[tuple[Way, ...], ...] = (
    (_DAY_BEFORE,),
    (Way("told_days_before", 9 * moment.DAY),),
    (Way("told_long_before", 30 * moment.HOUR, 6 * moment.DAY),),
    (Way("told_after", -3 * moment.HOUR, 4 * moment.HOUR),),
    (Way("not_said", 2 * moment.DAY, said=False),),
    (Way("undone", 2 * moment.DAY, undone="told"),),
    (Way("undone_and_not_said", 2 * moment.DAY, undone="untold"),),
    (Way("earliest_undone", 5 * moment.DAY, undone="told"), _DAY_BEFORE),
    (_DAY_BEFORE, Way("told_days_before", 4 * moment.DAY)),
    (Way("mended", 6 * moment.DAY, again=5 * moment.DAY),),
    (Way("never_linked", 2 * moment.DAY, linked=False, undone="told"),),
)


def links(chance: Chance, complaints: list[Complaint], end: int) -> list[Complaint]:
    """Copies of some of the complaints, which are told of them.

    Of categories that no camera can see: others are kept clear of close calls where they are made.
    """
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
            found.append(copy_of(chance, way, master, 970_001 + len(found), end))
    return found


def copy_of(chance: Chance, way: Way, master: Complaint, number: int, end: int) -> Complaint:
    """A copy of a complaint, which is told of it."""
    source = chance.one(("sikesal", "sp4n_lapor", "call112", "walk_in"))
    assert master.point is not None
    copy = filed(chance, source, number, master.category, master.kind,
                 moved(*master.point, 14.0, 0.0), master.submitted_at - way.before,
                 way.name)  # fmt: skip
    for step, told in _told(way, master, copy):
        if step.at < end:
            copy.steps.append(step)
            if told is not None:
                master.steps.append(told)
    # What is told in one moment stays in the order in which it was.
    master.steps.sort(key=lambda step: step.at)
    return copy


def filed(chance: Chance, source: str, number: int, category: str, kind: str | None,
          point: tuple[float, float], at: int, plot: str) -> Complaint:  # fmt: skip
    """A complaint of which nothing more is known than that it was filed."""
    return Complaint(
        source, f"{source[:2].upper()}-2026-{number}", category, kind, chance.one(KELURAHAN_CODES),
        point, None, f"08{chance.digits(10)}", None, plot, [Step("submitted", at)],
    )  # fmt: skip


def _told(way: Way, master: Complaint, copy: Complaint) -> Iterator[tuple[Step, Step | None]]:
    """Each record of the copy, and what it tells the master."""
    of_copy: dict[str, Value] = {"duplicate_case_id": copy.case_id}
    linked = master.submitted_at + way.after
    for hours, later in enumerate((0, way.again) if way.again else (0,)) if way.linked else ():
        at = linked + hours * moment.HOUR
        link: dict[str, Value] = {"master_case_id": master.case_id}
        said: dict[str, Value] = {**of_copy, "submitted_at": copy.submitted_at + later}
        told = Step("duplicate_gained", at, said, copy) if way.said else None
        yield Step("duplicate_linked", at, link), told
    if way.undone:
        at = linked + 5 * moment.HOUR
        lost = Step("duplicate_lost", at, of_copy, copy) if way.undone == "told" else None
        yield Step("duplicate_unlinked", at), lost
