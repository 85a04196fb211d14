"""Traffic signals that fail and come back, at one intersection each."""

from __future__ import annotations

from dataclasses import dataclass

from core import moment
from sim.chance import Chance
from sim.city import intersections
from sim.claims import Claim, Field

SOURCE = "atcs"
FAULT = "signal_fault"
_TRIES = 50
_FATES = {
    "quick": 40,
    "slow": 12,
    "dark": 6,
    "never_seen": 6,
    "seen_soon": 8,
    "seen_too_late": 8,
    "relapsed": 10,
    "failed_anew": 10,
}
_TEAMS = (
    (20 * moment.MINUTE,), (40 * moment.MINUTE, 50 * moment.MINUTE), (60 * moment.MINUTE,),
    (60 * moment.MINUTE + 1000,), (), (3 * moment.HOUR,), (13 * moment.HOUR,),
)  # fmt: skip
"""After which time a team is sent, if at all: the last surely when some signals work again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An alarm (`alarm`), or somebody (`said`) or a device (`seen`) tells that it works again.

    Or a team is on its way (`sent`).
    """

    intersection_id: str
    what: str
    at: int
    cause: str | None = None


def watched() -> list[str]:
    """Intersections of which more is told than of the others (`sim.blackouts`)."""
    return list(intersections())[3::4]


def turns(chance: Chance, field: Field, day: int, days: int = 1) -> list[Turn]:
    """Faults whose 24 hours end on the last day, which starts at `day`, or in the weeks before."""
    found: list[Turn] = []
    for index, name in enumerate(intersections()):
        if name in watched():
            continue
        for _ in range(_TRIES):
            told = _fault(chance, index, name, day, days)
            if alarms_are_clear(field, told):
                found += told
                break
    return [turn for turn in found if turn.at < day + moment.DAY]


def alarms_are_clear(field: Field, told: list[Turn]) -> bool:
    """Put the alarms on the map, if none is a close call."""
    claims = [
        Claim(FAULT, "sensor", intersections()[turn.intersection_id], turn.at)
        for turn in told if turn.what == "alarm"
    ]  # fmt: skip
    clear = all(field.is_clear(claim) for claim in claims)
    for claim in claims if clear else ():
        field.add(claim)
    return clear


def _fault(chance: Chance, index: int, name: str, day: int, days: int) -> list[Turn]:
    before = 1 if chance.happens(0.6 if days == 1 else 0.1) else chance.whole(2, 25 + days)
    known = day - before * moment.DAY + chance.between(0, moment.DAY)
    # What was said to whom on the telephone is hidden before it gets here.
    cause = "pln" if chance.happens(0.2) else ("call [phone]" if index % 9 == 4 else None)
    course = [(what, known + after) for what, after in _course(chance, chance.of(_FATES))]
    course += [("sent", known + after) for after in _TEAMS[index % len(_TEAMS)]]
    return [Turn(name, "alarm", known, cause), *(Turn(name, what, at) for what, at in course)]


def _course(chance: Chance, fate: str) -> list[tuple[str, int]]:
    """What happens how long after the first alarm."""

    def after(low: float, high: float) -> int:
        return chance.between(int(low * moment.HOUR), int(high * moment.HOUR))

    early = after(1, 12)
    courses: dict[str, list[tuple[str, int]]] = {
        "quick": [("alarm", early // 2), ("seen", early)],
        "slow": [("seen", after(25, 60))],
        "dark": [],
        "never_seen": [("said", early)],
        "seen_soon": [("said", after(23.6, 23.9)), ("seen", after(23.95, 24.05))],
        "seen_too_late": [("said", after(23.0, 23.4)), ("seen", after(24.1, 24.6))],
        "relapsed": [
            ("seen", early), ("alarm", early + after(0.1, 0.9)), ("seen", after(25, 40)),
        ],
        "failed_anew": [("seen", early), ("alarm", early + after(1.1, 5)), ("seen", after(19, 22))],
    }  # fmt: skip
    return courses[fate]
