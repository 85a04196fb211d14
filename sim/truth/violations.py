"""True numbers of violations handed to the police, and what these made of them (catalogue 22).

A violation counts on the day of its validation.  Forward: it is good when the police had it at most
24 hours later.  Letter: of those that the police had, the ones with a letter.  Confirm: of these,
the ones that were answered.  What a camera recorded of one plate and class at most 60 seconds after
another one that counts is no violation of its own: what was done with it was done with that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from core import moment
from core.events import Value
from sim.cases import Duty
from sim.duties import POLICE
from sim.story import Story
from sim.truth.kpi import Truth
from sim.truth.windows import APP_CASES, Row, Scope, Window, tallied

KPI = "etle_followup_pct"
STAGES = {"etle_letter_pct": ("forwarded", "letter_sent"),
          "etle_confirmed_pct": ("letter_sent", "confirmed")}  # fmt: skip
"""The later stages: what had to happen for a violation to count, and what is good."""


def rows(violations: Iterable[Duty], window: Window) -> Iterator[Row]:
    """The city's row, and one for each intersection and each class with a violation."""
    return tallied(
        KPI,
        window,
        (
            (forwarded_in_time(one), 1, _scopes(one))
            for one in each_once(violations)
            if window.holds(one.times("validated")[0])
        ),
    )


def each_once(violations: Iterable[Duty]) -> list[Duty]:
    """Copies put together with the violation that they are copies of."""
    alone: list[Duty] = []
    seen: dict[tuple[Value, ...], list[tuple[int, Duty]]] = {}
    for one in violations:
        told = one.steps[0].fields
        if told.get("plate_hash") is None or told.get("recorded_at") is None:
            alone.append(one)
        else:
            same = tuple(told[name] for name in ("plate_hash", "violation_class", "camera_id"))
            seen.setdefault(same, []).append((int(str(told["recorded_at"])), one))
    for ones in seen.values():
        ones.sort(key=lambda pair: (pair[0], pair[1].case_id))
        while ones:
            first, counted = ones[0]
            copies = [one for at, one in ones[1:] if at - first <= 60 * moment.SECOND]
            alone.append(_together(counted, copies))
            ones = [(at, one) for at, one in ones[1:] if one not in copies]
    return alone


def _together(counted: Duty, copies: list[Duty]) -> Duty:
    """One with all that was done, of the place and class of the first."""
    told = counted.steps[0].fields
    steps = sorted((s for one in (counted, *copies) for s in one.steps), key=lambda step: step.at)
    return replace(counted, steps=[replace(steps[0], fields=told), *steps[1:]])


def forwarded_in_time(violation: Duty) -> bool:
    """Whether the police had it in 24 hours."""
    validated = violation.times("validated")[0]
    return any(at - validated <= moment.DAY for at in violation.times("forwarded"))


def _scopes(violation: Duty) -> list[Scope]:
    seen = violation.steps[0].fields
    return [
        ("intersection", str(seen["intersection_id"])),
        ("category", str(seen["violation_class"])),
    ]


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.violations, window)


def _stage(kpi: str) -> Callable[[Story, Window], Iterator[Row]]:
    before, after = STAGES[kpi]

    def later(story: Story, window: Window) -> Iterator[Row]:
        counted = [v for v in each_once(story.violations)
                   if window.holds(v.times("validated")[0]) and v.times(before)]  # fmt: skip
        return tallied(kpi, window, ((bool(v.times(after)), 1, _scopes(v)) for v in counted))

    return later


_WINDOWS = ("1d", "7d", "28d")
TRUTHS = (
    Truth(KPI, ("operator_console",), _WINDOWS, _rows, horizon=APP_CASES),
    *(
        Truth(
            kpi,
            (POLICE,),
            _WINDOWS,
            _stage(kpi),
            in_catalogue=False,
            horizon=APP_CASES,
            elsewhere=True,
        )
        for kpi in STAGES
    ),
)
