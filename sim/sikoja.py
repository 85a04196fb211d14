"""Who opened Sikoja in the weeks before and on the story's days."""

from __future__ import annotations

from dataclasses import dataclass

from core import moment
from sim.chance import Chance

_USERS = {"citizen": 70, "asn": 45, "non_asn": 12, "unknown": 8, "now_and_then": 10, "both": 5}
"""How many; `now_and_then` are citizens who do not always sign on, `both` civil servants who came
as citizens too."""
_MODULES = ("pengaduan", "layanan", "info", None)
_DAYS = 34


@dataclass(frozen=True, slots=True)
class Use:
    """One session of an app."""

    number: str
    app: str
    user: str
    role: str | None
    seconds: int
    module: str | None
    at: int


def uses(chance: Chance, start: int, days: int = 1) -> list[Use]:
    """All sessions until the end of the last day, which began at `start`."""
    made: list[Use] = []
    for kind, count in _USERS.items():
        for number in range(count):
            for _ in range(chance.whole(1, 7)):
                before = 0 if chance.happens(0.3) else chance.whole(0, _DAYS + days - 1)
                length = chance.of({"short": 10, "dot": 5, "long": 85})
                seconds = {"short": chance.whole(0, 9), "dot": 10}.get(
                    length, chance.whole(11, 1800)
                )
                made.append(Use(
                    f"S{len(made) + 1:05d}", "sikoja" if chance.happens(0.93) else "sipaten",
                    f"p1:{kind}{number}", _role(chance, kind), seconds, chance.one(_MODULES),
                    chance.busy_hour(start - before * moment.DAY),
                ))  # fmt: skip
    return made


def _role(chance: Chance, kind: str) -> str | None:
    if kind == "now_and_then":
        return chance.one(("citizen", None))
    if kind == "both":
        return chance.one(("citizen", "asn"))
    return None if kind == "unknown" else kind
