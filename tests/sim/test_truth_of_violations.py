"""Truth of the KPI of violations on violations made by hand."""

from __future__ import annotations

from core.moment import SECOND
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


def recorded(number: str, seconds: float, *steps: Step, plate: str | None = "p1:a") -> Duty:
    at = wib("2026-11-20T09:00") + int(seconds * SECOND)
    seen = step("validated", "2026-11-20T10:00", intersection_id="s1", violation_class="red_light",
                camera_id="c1", plate_hash=plate, recorded_at=at)  # fmt: skip
    return Duty("operator_console", number, "", [seen, *steps])


def test_copies_within_60_seconds_are_one_and_what_is_done_with_one_is_done_with_it() -> None:
    done = step("forwarded", "2026-11-20T12:00")
    assert counts(recorded("1", 0), recorded("2", 60, done))["city"] == (1, 1)
    assert counts(recorded("1", 0), recorded("2", 60.001, done))["city"] == (1, 2)
    assert counts(recorded("1", 0, plate=None), recorded("2", 1, plate=None))["city"] == (0, 2)
    # 40 seconds apart each: the third is 80 from the first.
    assert counts(*(recorded(str(n), n * 40) for n in range(4)))["city"] == (0, 2)
