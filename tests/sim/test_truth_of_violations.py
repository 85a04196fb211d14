"""Truth of the KPI of violations on violations made by hand."""

from __future__ import annotations

from sim.cases import Duty, Step
from sim.truth import violations as truth
from sim.truth.windows import Window
from tests.sim.making import step, wib

DAY = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))


def violation(validated: str, *steps: Step, place: str = "s1") -> Duty:
    seen = step("validated", validated, intersection_id=place, violation_class="red_light")
    return Duty("operator_console", "1", "", [seen, *steps])


def counts(*violations: Duty) -> dict[str, tuple[int, int]]:
    return {row.scope_id: (row.numerator, row.denominator) for row in truth.rows(violations, DAY)}


def test_it_is_forwarded_at_most_24_hours_later() -> None:
    found = counts(
        violation("2026-11-20T10:00", step("forwarded", "2026-11-21T10:00")),
        violation("2026-11-20T10:00", step("forwarded", "2026-11-21T10:00:00.001"), place="s2"),
        violation("2026-11-20T10:00", place="s2"),
    )
    assert found == {"city": (1, 3), "s1": (1, 1), "s2": (0, 2), "red_light": (1, 3)}


def test_it_counts_on_the_day_of_its_validation() -> None:
    early = violation("2026-11-19T23:59:59.999", step("forwarded", "2026-11-20T10:00"))
    assert counts(early, violation("2026-11-21T00:00")) == {"city": (0, 0)}
