"""How the life of a complaint can go: each plot is one function from a filing to its steps.

A plot is only what the author means to happen: steps after the end of the story are cut off
later, and what counts in the end is decided by `sim.truth` from the steps alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core import moment
from core.events import Value
from sim import workdays
from sim.cases import Step
from sim.chance import Chance
from sim.city import CATEGORIES

_LIMITS = {"info": 5, "non_supervisory": 14, "supervisory": 60}
_OBJECTION_DAYS = 10
_ANSWER_DAYS = 5


@dataclass(slots=True)
class Life:
    """A case in the making: chance, agency and class, and the steps so far."""

    chance: Chance
    opd: str
    sla_class: str | None
    local_hours: int
    steps: list[Step]
    unnamed: str = "non_supervisory"
    """The class of a case whose verdict names none."""

    @property
    def last(self) -> int:
        """Moment of the last step so far."""
        return self.steps[-1].at

    @property
    def submitted_at(self) -> int:
        """Moment of the filing."""
        return self.steps[0].at

    def then(self, what: str, at: int, **fields: Value) -> int:
        """Add a step, never before the one before it."""
        at = max(at, self.last + moment.SECOND)
        self.steps.append(Step(what, at, fields))
        return at

    def soon(self, low: int, high: int) -> int:
        """A moment between `low` and `high` after the last step."""
        return self.chance.between(self.last + low, self.last + high)

    def limit(self) -> int:
        """Working days that the class allows."""
        return _LIMITS[self.sla_class or self.unnamed]


def _verified(life: Life) -> int:
    """Verified as valid and handed to the agency; returns the due moment."""
    slow = life.chance.happens(0.06)
    low, high = (4 * moment.DAY, 7 * moment.DAY) if slow else (10 * moment.MINUTE, 14 * moment.HOUR)
    at = life.then("verified", life.soon(low, high), verdict="valid", sla_class=life.sla_class)
    _handed_over(life)
    return workdays.due(at, life.limit())


def _handed_over(life: Life) -> None:
    life.then("forwarded", life.soon(moment.MINUTE, 2 * moment.HOUR), opd=life.opd)
    if life.chance.happens(0.7):
        life.then("assigned", life.soon(moment.MINUTE, 3 * moment.HOUR), opd=life.opd)
        _passed_on(life)
    _answered(life)


def _passed_on(life: Life) -> None:
    """Some are handed to a second agency; some go back to the desk and return."""
    what = life.chance.of({"": 84, "passed_on": 10, "returned": 6})
    if what == "passed_on":
        others = tuple(sorted({c.opd for c in CATEGORIES.values()} - {life.opd}))
        life.then("assigned", life.soon(moment.HOUR, 2 * moment.DAY), opd=life.chance.one(others))
    elif what == "returned":
        life.then("assigned", life.soon(moment.MINUTE, moment.HOUR), opd="diskominfo")
        life.then("assigned", life.soon(moment.MINUTE, moment.HOUR), opd=life.opd)


def _answered(life: Life) -> None:
    """Most agencies say something of substance soon, some after the five working days."""
    if life.chance.happens(0.2):
        life.then("responded", life.soon(moment.SECOND, moment.MINUTE),
                  actor="bot", substantive=False)  # fmt: skip
    if life.limit() > _ANSWER_DAYS and life.chance.happens(0.06):
        forwarded = next(step.at for step in life.steps if step.what == "forwarded")
        late_by = life.chance.between(1000, 6 * moment.HOUR)
        life.then("responded", workdays.due(forwarded, _ANSWER_DAYS) + late_by,
                  actor="opd", substantive=True)  # fmt: skip
    elif life.chance.happens(0.6):
        life.then("responded", life.soon(moment.MINUTE, 5 * moment.HOUR),
                  actor="opd", substantive=True)  # fmt: skip


def _resolved(life: Life, at: int) -> int:
    return life.then("resolved", at, opd=life.opd)


def _quick_or_within(life: Life, due: int) -> int:
    """Resolved before the due moment, more often than not within the local promise too."""
    promise = life.submitted_at + life.local_hours * moment.HOUR
    if life.last < promise and life.chance.happens(0.65):
        return _resolved(life, life.chance.between(life.last + moment.MINUTE, promise))
    return _resolved(life, life.chance.between(life.last + moment.MINUTE, due))


def on_time(life: Life) -> None:
    """Solved before it is due; some reporters say thanks."""
    _quick_or_within(life, _verified(life))
    if life.chance.happens(0.3):
        life.then("rated", life.soon(moment.HOUR, moment.DAY), stars=life.chance.whole(3, 5))
    if life.chance.happens(0.4):
        life.then("closed", life.soon(moment.DAY, 3 * moment.DAY), by="admin")


def on_the_dot(life: Life) -> None:
    """Solved in the very last millisecond, which still counts."""
    _resolved(life, _verified(life))


def a_moment_late(life: Life) -> None:
    """Solved one millisecond after it was due."""
    _resolved(life, _verified(life) + 1000)


def late(life: Life) -> None:
    """Solved after it was due."""
    due = _verified(life)
    if life.chance.happens(0.3):
        life.then("progressed", life.chance.between(life.last, due), note="menunggu material")
    _resolved(life, life.chance.between(due + moment.HOUR, due + 9 * moment.DAY))


def never_solved(life: Life) -> None:
    """Forwarded, and that was it."""
    _verified(life)


def reopened_then_solved(life: Life) -> None:
    """Objection within ten working days, solved again."""
    _objection(life)
    _resolved(life, life.soon(4 * moment.HOUR, 8 * moment.DAY))


def reopened_and_open(life: Life) -> None:
    """Objection within ten working days, nothing since."""
    _objection(life)


def _objection(life: Life) -> None:
    solved = _quick_or_within(life, _verified(life))
    last_day = workdays.due(solved, _OBJECTION_DAYS)
    at = life.chance.between(solved + moment.HOUR, min(solved + 6 * moment.DAY, last_day))
    life.then("reopened", at, reason="belum selesai")


def reopened_too_late(life: Life) -> None:
    """Objection after the ten working days: the solution stands."""
    solved = _quick_or_within(life, _verified(life))
    late_by = life.chance.between(moment.HOUR, 3 * moment.DAY)
    life.then("reopened", workdays.due(solved, _OBJECTION_DAYS) + late_by, reason="rusak lagi")


def never_verified(life: Life) -> None:
    """Nobody checked it; in half of the cases it was solved all the same."""
    if life.chance.happens(0.5):
        _handed_over(life)
        _quick_or_within(life, workdays.due(life.submitted_at, 14))


def rejected(life: Life) -> None:
    """Refused by the verifier."""
    life.then("rejected", life.soon(moment.HOUR, 2 * moment.DAY), reason="not_authority")


def withdrawn(life: Life) -> None:
    """Taken back by the reporter while the agency was at it."""
    _verified(life)
    life.then("withdrawn", life.soon(moment.HOUR, 4 * moment.DAY))


def incomplete_and_paused(life: Life) -> None:
    """The reporter was asked for more and has not answered."""
    life.then("verified", life.soon(moment.HOUR, moment.DAY), verdict="incomplete")


def incomplete_and_archived(life: Life) -> None:
    """The reporter was asked for more, did not answer for 30 days, and the case was archived."""
    asked = life.then("verified", life.soon(moment.HOUR, moment.DAY), verdict="incomplete")
    life.then("archived", asked + 30 * moment.DAY)


def incomplete_then_completed(life: Life) -> None:
    """The reporter answered; some cases are verified again, the rest go straight on."""
    life.then("verified", life.soon(moment.HOUR, moment.DAY), verdict="incomplete")
    at = life.then("completed_by_reporter", life.soon(2 * moment.HOUR, 9 * moment.DAY))
    if life.chance.happens(0.6):
        due = _verified(life)
    else:
        _handed_over(life)
        due = workdays.due(at, 14)
    if life.chance.happens(0.7):
        _quick_or_within(life, due)


def long_cycle(life: Life) -> None:
    """Needs capital works: the agency says so, and solves it late or not yet."""
    due = _verified(life)
    life.then("progressed", life.soon(moment.HOUR, 2 * moment.DAY),
              long_cycle=True, note="menunggu anggaran")  # fmt: skip
    if life.chance.happens(0.4):
        _resolved(life, life.chance.between(due - 4 * moment.DAY, due + 4 * moment.DAY))


def told(life: Life) -> None:
    """Of a case that was closed, most reporters were told of each step; some not, or too late."""
    if not any(step.what == "closed" for step in life.steps):
        return
    how = life.chance.of({"all": 80, "forgotten": 10, "late": 6, "leaked": 4})
    notices = []
    for step in life.steps:
        if step.what not in ("responded", "rated"):
            longest = 5 * moment.MINUTE if step.what == "submitted" else moment.DAY
            at = step.at + life.chance.between(0, longest)
            notices.append(Step("notified", at, {"about": step.what}))
    if how == "forgotten":
        notices.pop(life.chance.whole(0, len(notices) - 1))
    elif how == "late":
        at = life.submitted_at + 5 * moment.MINUTE + 1000
        notices[0] = Step("notified", at, {"about": "submitted"})
    elif how == "leaked":
        fields: dict[str, Value] = {"about": "resolved", "personal_data": True}
        notices.append(Step("published", life.last + moment.MINUTE, fields))
    life.steps = sorted([*life.steps, *notices], key=lambda step: step.at)


PLOTS: dict[str, tuple[int, Callable[[Life], None]]] = {
    "on_time": (560, on_time),
    "late": (90, late),
    "never_solved": (70, never_solved),
    "reopened_then_solved": (55, reopened_then_solved),
    "reopened_and_open": (20, reopened_and_open),
    "reopened_too_late": (35, reopened_too_late),
    "never_verified": (30, never_verified),
    "rejected": (18, rejected),
    "withdrawn": (7, withdrawn),
    "incomplete_and_paused": (7, incomplete_and_paused),
    "incomplete_and_archived": (6, incomplete_and_archived),
    "incomplete_then_completed": (40, incomplete_then_completed),
    "long_cycle": (12, long_cycle),
    "on_the_dot": (6, on_the_dot),
    "a_moment_late": (6, a_moment_late),
}
"""Weight in a thousand or so, and how it goes."""
