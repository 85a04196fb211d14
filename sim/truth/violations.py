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
from sim.truth.windows import Row, Window

KPI = "etle_followup_pct"


def rows(violations: Iterable[Duty], window: Window) -> Iterator[Row]:
    """The city's row, and one for each intersection and each class with a violation."""
    counts = {("city", "city"): [0, 0]}
    for violation in violations:
        validated = violation.times("validated")[0]
        if not window.holds(validated):
            continue
        good = any(at - validated <= moment.DAY for at in violation.times("forwarded"))
        seen = violation.steps[0].fields
        for scope in (
            ("city", "city"),
            ("intersection", str(seen["intersection_id"])),
            ("category", str(seen["violation_class"])),
        ):
            count = counts.setdefault(scope, [0, 0])
            count[0] += good
            count[1] += 1
    for (scope_type, scope_id), count in sorted(counts.items()):
        yield Row(KPI, window.name, scope_type, scope_id, window.start, window.end, *count)


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.violations, window)


TRUTHS = (Truth(KPI, ("operator_console",), ("1d", "7d", "28d"), _rows),)
