"""True numbers of violations handed to the police (catalogue 22, stage forward).

A violation counts on the day of its validation.  It is good when the police had it at most 24 hours
later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core import moment
from sim.cases import Duty
from sim.story import Story
from sim.truth.kpi import Truth
from sim.truth.windows import APP_CASES, Row, Scope, Window, tallied

KPI = "etle_followup_pct"


def rows(violations: Iterable[Duty], window: Window) -> Iterator[Row]:
    """The city's row, and one for each intersection and each class with a violation."""
    return tallied(
        KPI,
        window,
        (
            (forwarded_in_time(one), 1, _scopes(one))
            for one in violations
            if window.holds(one.times("validated")[0])
        ),
    )


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


TRUTHS = (Truth(KPI, ("operator_console",), ("1d", "7d", "28d"), _rows, horizon=APP_CASES),)
