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
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CATEGORIES, moved

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
            found.append(_copy(chance, way, master, 970_001 + len(found), end))
    return found


def _copy(chance: Chance, way: _Way, master: Complaint, number: int, end: int) -> Complaint:
    source = chance.one(("sikesal", "sp4n_lapor", "call112", "walk_in"))
    filed = master.submitted_at - way.before
    assert master.point is not None
    copy = Complaint(
        source, f"{source[:2].upper()}-2026-{number}", master.category, master.kind,
        master.kelurahan_code, moved(*master.point, 14.0, 0.0), None, f"08{chance.digits(10)}",
        None, way.name, [Step("submitted", filed)],
    )  # fmt: skip
    for step, told in _told(way, master, copy):
        if step.at < end:
            copy.steps.append(step)
            if told is not None:
                master.steps.append(told)
    # What is told in one moment stays in the order in which it was.
    master.steps.sort(key=lambda step: step.at)
    return copy


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
