"""Requests for public information (PPID) whose time to answer ends about the story's day."""

from __future__ import annotations

from dataclasses import dataclass

from core import moment
from core.events import Value
from sim import workdays
from sim.cases import Step
from sim.chance import Chance

_AGENCIES = ("dinkes", "dlh", "dpupr", "diskominfo")
_DAYS_BEFORE = (0, 0, 0, 1, 3, 7, 14)
"""Days before the story's last day on which the time to answer ends, for each plot."""
_EVERY = 3
"""And on each third day of a longer story."""
TEN, SEVENTEEN = 10, 17
PLOTS = {
    "on_time": TEN,
    "on_the_dot": TEN,
    "a_moment_late": TEN,
    "late": TEN,
    "unanswered": TEN,
    "denied": TEN,
    "denied_without_reason": TEN,
    "objected": TEN,
    "extension_void": TEN,
    "extension_without_reason": TEN,
    "extended": SEVENTEEN,
    "extended_on_the_dot": SEVENTEEN,
    "extended_and_late": SEVENTEEN,
}
"""What is meant to happen, and the working days that the agency has."""


@dataclass(slots=True)
class Inquiry:
    """A request for information with all its steps in time order; the first is `received`."""

    number: str
    opd: str
    plot: str
    steps: list[Step]

    @property
    def case_id(self) -> str:
        """`ppid:<number>`."""
        return f"ppid:{self.number}"

    @property
    def received_at(self) -> int:
        """When it came in."""
        return self.steps[0].at


def inquiries(chance: Chance, start: int, end: int, days: int = 1) -> list[Inquiry]:
    """All requests as known at `end`, the midnight after the last day, which began at `start`."""
    made: list[Inquiry] = []
    for plot, limit in PLOTS.items():
        for before in (*_DAYS_BEFORE, *range(_EVERY, days, _EVERY)):
            ends = start - before * moment.DAY
            first = ends
            while workdays.due(first, limit) >= ends + moment.DAY:
                first -= moment.DAY
            received = chance.between(first + 8 * moment.HOUR, first + 15 * moment.HOUR)
            steps = sorted(_life(chance, plot, received), key=lambda step: step.at)
            made.append(Inquiry(f"PPID-2026-{len(made) + 1:04d}", chance.one(_AGENCIES), plot,
                                [step for step in steps if step.at < end]))  # fmt: skip
    return made


def _life(chance: Chance, plot: str, received: int) -> list[Step]:
    ten, seventeen = workdays.due(received, TEN), workdays.due(received, SEVENTEEN)
    early = chance.between(received + moment.HOUR, ten)
    between = chance.between(ten + moment.HOUR, seventeen)
    answered_at = {
        "a_moment_late": ten + 1000,
        "on_the_dot": ten,
        "late": between,
        "extension_void": between,
        "extension_without_reason": between,
        "extended": between,
        "extended_on_the_dot": seventeen,
        "extended_and_late": seventeen + chance.between(1000, 5 * moment.DAY),
    }.get(plot, early)
    steps = [Step("received", received)]
    if plot.startswith("exten"):
        told_at = {"extended_on_the_dot": ten, "extension_void": ten + 1000}.get(plot, early)
        reason = None if plot == "extension_without_reason" else "many_files"
        steps.append(Step("extended", told_at, {"reason": reason}))
    if plot != "unanswered":
        denied = plot.startswith("denied")
        answer: dict[str, Value] = {
            "outcome": "denied" if denied else chance.of({"granted": 4, "partly": 1}),
            "reason_code": "art_17" if plot == "denied" else None,
        }
        steps.append(Step("answered", answered_at, answer))
    if plot == "objected":
        steps.append(Step("objection", answered_at + moment.HOUR))
    return steps
