"""Complaints and requests made by hand for tests."""

from __future__ import annotations

from core import moment
from core.events import Value
from sim import workdays
from sim.cases import Complaint, Service, Step


def wib(text: str) -> int:
    """Moment of a local time such as 2026-11-20T10:00."""
    return moment.parse(f"{text}+07:00")


def step(what: str, at: str, **fields: Value) -> Step:
    """A step at a local time."""
    return Step(what, wib(at), fields)


def complaint(submitted: str, *steps: Step, category: str = "bansos", kind: str | None = None,
              source: str = "sikesal", number: str = "1",
              point: tuple[float, float] | None = None,
              incident_at: int | None = None) -> Complaint:  # fmt: skip
    """A complaint filed at a local time, with what came after."""
    return Complaint(source, number, category, kind, "15.71.07.1011", point, incident_at, "0811",
                     None, "", [step("submitted", submitted), *steps])  # fmt: skip


def due_on(day: str, *steps: Step) -> Complaint:
    """A complaint never verified that is due after 14 working days at the end of a date."""
    target = wib(f"{day}T23:59:59.999")
    start = target - 18 * moment.DAY - 12 * moment.HOUR
    while workdays.due(start, 14) > target:
        start -= moment.DAY
    made = complaint("2026-01-02T00:00", *steps)
    made.steps[0] = Step("submitted", start)
    return made


def request(requested: str, *steps: Step, number: str = "1", nik: str = "a") -> Service:
    """A request for a letter at a local time, with what came after."""
    return Service(number, "domisili", "person", "app", nik, "15.71.07.1011", "",
                   [step("requested", requested), *steps])  # fmt: skip
