"""Kelurahan that work with Sipaten: busy ones, and their officers at work or not."""

from __future__ import annotations

from dataclasses import dataclass

from core import moment
from sim.cases import Service, Step
from sim.chance import Chance
from sim.city import KELURAHAN_CODES

_BUSY, _REQUESTS = 4, 11
_OFFICERS = {"works": 80, "long_ago": 10, "never": 10}


@dataclass(frozen=True, slots=True)
class Shift:
    """One session of an officer."""

    number: str
    officer: str
    kelurahan_code: str
    at: int


def busy(chance: Chance) -> tuple[str, ...]:
    """A few kelurahan that surely complete enough; the last of them without an officer."""
    step = len(KELURAHAN_CODES) // _BUSY
    return KELURAHAN_CODES[chance.whole(0, step - 1) :: step][:_BUSY]


def letters(chance: Chance, kelurahan: tuple[str, ...], end: int, days: int = 1) -> list[Service]:
    """What the busy ones completed in the four weeks before `end`, and in those before them."""
    made: list[Service] = []
    spans = (days + 27) // 28
    for code in kelurahan:
        for index in range(_REQUESTS * spans):
            before = chance.whole(6, 25) + index % spans * 28
            at = chance.busy_hour(end - before * moment.DAY)
            decided = chance.between(at + moment.DAY, at + 3 * moment.DAY)
            made.append(Service(
                f"SP-2026-{900_001 + len(made)}", "domisili", "person", "app",
                f"1571{chance.digits(12)}", code, "busy",
                [
                    Step("requested", at),
                    Step("completeness_decided", at + moment.HOUR, {"complete": True}),
                    Step("decided", decided, {"outcome": "granted"}),
                    Step("completed", decided + 2 * moment.HOUR, {"delivery": "online"}),
                ],
            ))  # fmt: skip
    return made


def shifts(chance: Chance, kelurahan: tuple[str, ...], end: int) -> list[Shift]:
    """Sessions of officers; `kelurahan` are the busy ones."""
    made: list[Shift] = []
    for code in KELURAHAN_CODES:
        plot = chance.of(_OFFICERS)
        if code in kelurahan:
            plot = "long_ago" if code == kelurahan[-1] else "works"
        for _ in range({"works": chance.whole(1, 4), "long_ago": 1}.get(plot, 0)):
            before = chance.whole(29, 38) if plot == "long_ago" else chance.whole(1, 27)
            at = chance.busy_hour(end - before * moment.DAY)
            made.append(Shift(f"O{len(made) + 1:05d}", f"p1:officer_{code}", code, at))
    return made
