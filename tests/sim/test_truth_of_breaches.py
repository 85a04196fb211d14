"""Truth of the KPI of breaches on breaches made by hand."""

from __future__ import annotations

from sim.cases import Duty, Step
from sim.truth import breaches as truth
from sim.truth.windows import Window
from tests.sim.making import step, wib

DAY = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))


def breach(known: str, *steps: Step) -> Duty:
    return Duty("dpo_log", "1", "", [step("breach_detected", known, system="sikesal"), *steps])


def notice(recipient: str, when: str) -> Step:
    return step("notice_sent", when, recipient=recipient)


def city(*breaches: Duty) -> tuple[int, int]:
    row = next(row for row in truth.rows(breaches, DAY) if row.scope_type == "city")
    return row.numerator, row.denominator


KNOWN = "2026-11-17T10:00"
PEOPLE = notice("subject", "2026-11-18T10:00")


def test_both_must_be_told_by_the_last_moment() -> None:
    assert city(breach(KNOWN, PEOPLE, notice("authority", "2026-11-20T10:00"))) == (1, 1)
    assert city(breach(KNOWN, PEOPLE, notice("authority", "2026-11-20T10:00:00.001"))) == (0, 1)
    assert city(breach(KNOWN, PEOPLE)) == (0, 1)
    assert city(breach(KNOWN)) == (0, 1)


def test_it_counts_on_the_day_on_which_it_is_due() -> None:
    assert city(breach("2026-11-16T23:59:59.999"), breach("2026-11-18T00:00")) == (0, 0)
    assert city(breach("2026-11-17T00:00"), breach("2026-11-17T23:59:59.999")) == (0, 2)


def test_the_first_detection_starts_the_clock() -> None:
    again = step("breach_detected", "2026-11-19T10:00", system="sipaten")
    assert city(breach(KNOWN, again)) == (0, 1)


def test_a_day_without_a_breach_has_a_row_all_the_same() -> None:
    assert city() == (0, 0)
