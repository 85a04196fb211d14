"""Truth of the KPI of information requests, on requests made by hand."""

from __future__ import annotations

from sim import Day
from sim.cases import Step
from sim.ppid import PLOTS, Inquiry
from sim.truth import information as truth
from sim.truth.windows import Window
from tests.sim.making import step, wib

STORY = Day(seed=1, scale=0.1).story


def inquiry(*steps: Step) -> Inquiry:
    """Golden example G4: 10 working days end on 7 December, 17 on 16 December."""
    return Inquiry("1", "dlh", "", [step("received", "2026-11-23T08:00"), *steps])


def answered(at: str, outcome: str = "granted", reason_code: str | None = None) -> Step:
    return step("answered", at, outcome=outcome, reason_code=reason_code)


def test_ten_working_days_and_seven_more_with_a_reason_in_time() -> None:
    ten, seventeen = wib("2026-12-07T23:59:59.999"), wib("2026-12-16T23:59:59.999")
    on_the_tenth = "2026-12-07T23:59:59.999"
    assert truth.due(inquiry()) == ten
    assert truth.due(inquiry(step("extended", on_the_tenth, reason="many"))) == seventeen
    assert truth.due(inquiry(step("extended", "2026-12-08T00:00", reason="many"))) == ten
    assert truth.due(inquiry(step("extended", on_the_tenth, reason=None))) == ten


def test_g10_an_extension_of_the_eleventh_day_is_void() -> None:
    void = step("extended", "2026-12-08T09:00", reason="many")
    assert truth.verdict(inquiry(void, answered("2026-12-14T10:00"))) == (False, "granted")


def test_a_denial_needs_a_reason() -> None:
    at, later = "2026-12-01T10:00", "2026-12-02T10:00"
    assert truth.verdict(inquiry()) == (False, "unanswered")
    assert truth.verdict(inquiry(answered(at, "denied"))) == (False, "denied")
    assert truth.verdict(inquiry(answered(at, "denied", "art_17"))) == (True, "denied")
    assert truth.verdict(inquiry(answered(at, "denied"), answered(later))) == (True, "granted")


def test_it_counts_once_on_the_day_on_which_it_is_due() -> None:
    day = Window("1d", wib("2026-12-07T00:00"), wib("2026-12-08T00:00"))
    before = Window("1d", wib("2026-12-06T00:00"), wib("2026-12-07T00:00"))
    made = [inquiry(answered("2026-12-01T10:00"))]
    assert [(r.scope_id, r.numerator, r.denominator) for r in truth.rows(made, day)] == [
        ("granted", 1, 1), ("city", 1, 1), ("dlh", 1, 1),
    ]  # fmt: skip
    assert [(r.scope_id, r.denominator) for r in truth.rows(made, before)] == [("city", 0)]


def test_every_plot_happens_and_goes_as_it_was_meant() -> None:
    good = {"on_time", "on_the_dot", "denied", "objected", "extended", "extended_on_the_dot"}
    due = [one for one in STORY.inquiries if STORY.day <= truth.due(one) < STORY.end]
    assert {one.plot for one in due} == set(PLOTS)
    assert {one.plot for one in due if truth.verdict(one)[0]} == good
