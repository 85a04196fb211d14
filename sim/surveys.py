"""Answers to the satisfaction survey over three weeks, most of them on the story's last day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core import moment
from sim.chance import Chance
from sim.city import KECAMATAN_CODES, SERVICES

_ELEMENTS = tuple(f"u{number}" for number in range(1, 10))
_AGENCIES = ("dukcapil", "dpmptsp", None)
_FREE = ("ktp_pengantar", "skck_pengantar", "domisili", "tidak_mampu")
_PLOTS = {"once": 80, "incomplete": 5, "corrected": 6, "to_the_dot": 4, "again_too_late": 5}
_SCORES = {"4": 52, "3": 36, "2": 9, "1": 3}
_AGAIN_AFTER = {"to_the_dot": moment.DAY, "again_too_late": moment.DAY + 1000}
_ON_THE_DAY, _ON_OTHERS, _DAYS = 45, 6, 21


@dataclass(frozen=True, slots=True)
class Answer:
    """One filled-in form; None: left blank."""

    request: str
    respondent: str
    service_code: str
    opd: str | None
    kecamatan: str
    at: int
    scores: Mapping[str, int | None]

    @property
    def case_id(self) -> str:
        """Request and respondent as one key."""
        return f"{self.request}|{self.respondent}"


def answers(chance: Chance, start: int, end: int, days: int = 1) -> list[Answer]:
    """All forms as known at `end`, the midnight after the last day, which began at `start`."""
    made: list[Answer] = []
    for before in range(_DAYS + days - 1):
        for _ in range(_ON_OTHERS if before else _ON_THE_DAY):
            made += _of_one(chance, len(made), chance.busy_hour(start - before * moment.DAY))
    return [answer for answer in made if answer.at < end]


def _of_one(chance: Chance, number: int, at: int) -> list[Answer]:
    plot, service = chance.of(_PLOTS), chance.one(SERVICES)
    opd, kecamatan = chance.one(_AGENCIES), chance.one(KECAMATAN_CODES)

    def form(at: int, *, whole: bool = True) -> Answer:
        scores: dict[str, int | None] = {e: int(chance.of(_SCORES)) for e in _ELEMENTS}
        if service in _FREE and chance.happens(0.7):
            scores["u4"] = None
        if not whole:
            scores[chance.one(("u1", "u5", "u9"))] = None
        return Answer(f"sipaten:SV-{number:05d}", f"p1:r{number}", service, opd, kecamatan, at,
                      scores)  # fmt: skip

    found = [form(at, whole=plot != "incomplete")]
    if plot in ("corrected", *_AGAIN_AFTER):
        soon = chance.between(moment.MINUTE, moment.DAY)
        found.append(form(at + _AGAIN_AFTER.get(plot, soon)))
    return found
