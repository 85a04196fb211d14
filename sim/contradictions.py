"""What sources say that cannot be: steps out of place, said twice, or of cases that nobody filed.

They change no other number: what is said again says nothing new, and what comes from nowhere
belongs to no case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core import moment
from core.events import Value
from sim.cases import Complaint, Duty, Service, Step
from sim.chance import Chance
from sim.city import KELURAHAN_CODES
from sim.duties import CONSOLE
from sim.ppid import Inquiry

_STRAYS = 4
"""Of each kind: one of the story's day, and of each day before it."""


@dataclass(slots=True)
class Strays:
    """Cases of which only later steps came."""

    complaints: list[Complaint] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    alerts: list[Duty] = field(default_factory=list)
    breaches: list[Duty] = field(default_factory=list)
    violations: list[Duty] = field(default_factory=list)
    inquiries: list[Inquiry] = field(default_factory=list)


def contradict(chance: Chance, complaints: Iterable[Complaint], end: int) -> None:
    """Of some complaints the source tells something more that does not fit."""
    for complaint in complaints:
        told = [step.what for step in complaint.steps]
        # Each step of a closed case is told to its reporter or not: that is another number.
        if "closed" in told or "duplicate_linked" in told or not chance.happens(0.06):
            continue
        over = {"rejected", "withdrawn", "resolved"} & set(told[-1:])
        what = "progressed" if over and chance.happens(0.6) else "duplicate_unlinked"
        if told[-1] in ("assigned", "responded") and chance.happens(0.6):
            what = "completed_by_reporter"
        at = complaint.steps[-1].at + chance.between(moment.MINUTE, moment.HOUR)
        if at < end:
            complaint.steps.append(Step(what, at))


def repeat(chance: Chance, services: Iterable[Service], end: int) -> None:
    """Of some requests the last decision is told once more."""
    for service in services:
        last = service.steps[-1]
        at = last.at + chance.between(moment.MINUTE, moment.HOUR)
        decision = last.what in ("decided", "completeness_decided")
        if decision and at < end and chance.happens(0.06):
            service.steps.append(Step(last.what, at, dict(last.fields)))


def strays(chance: Chance, start: int, end: int) -> Strays:
    """Later steps of cases of which the first was never told; the day is from `start` to `end`."""
    found = Strays()
    for index in range(_STRAYS):

        def steps(area: Mapping[str, Mapping[str, Value]], before: int = index) -> list[Step]:
            at = chance.between(start, end - moment.HOUR) - before * moment.DAY
            return [Step(what, at + n * moment.MINUTE, own) for n, (what, own) in
                    enumerate(area.items())]  # fmt: skip

        found.complaints.append(Complaint(
            "sikesal", f"SI-2026-{990_001 + index}", "sampah", None, chance.one(KELURAHAN_CODES),
            None, None, "", None, "stray", steps({"forwarded": {"opd": "dlh"}, "resolved": {}}),
        ))  # fmt: skip
        found.services.append(Service(
            f"SP-2026-{990_001 + index}", "domisili", "person", "app", "",
            chance.one(KELURAHAN_CODES), "stray",
            steps({"decided": {"outcome": "granted"}, "completed": {"delivery": "online"}}),
        ))  # fmt: skip
        found.alerts.append(Duty(
            CONSOLE, f"A-{990_001 + index}", "stray",
            steps({"acknowledged": {}, "resolved": {"automatic": False}}),
        ))  # fmt: skip
    return found
