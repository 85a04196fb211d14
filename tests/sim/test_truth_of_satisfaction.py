"""Truth of the satisfaction survey, on forms filled in by hand."""

from __future__ import annotations

from sim import Day
from sim.surveys import Answer
from sim.truth import satisfaction as truth
from sim.truth.windows import Window, ending
from tests.sim.making import wib

DAY = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))
WEEK = Window("7d", wib("2026-11-18T00:00"), wib("2026-11-25T00:00"))
ALL = {f"u{n}": 3 for n in range(1, 10)}


def form(at: str = "2026-11-20T10:00", service: str = "nikah", who: str = "a",
         **scores: int | None) -> Answer:  # fmt: skip
    return Answer("1", who, service, "dukcapil", "15.71.07", wib(at), {**ALL, **scores})


def city(*forms: Answer, window: Window = DAY) -> tuple[int, int]:
    row = next(row for row in truth.rows(forms, window) if row.scope_type == "city")
    return row.numerator, row.denominator


def test_scores_are_summed_and_counted() -> None:
    assert city() == (0, 0)
    assert city(form()) == (27, 9)
    assert city(form(), form(who="b", u1=1)) == (52, 18)


def test_a_blank_leaves_the_form_out_but_what_is_free_has_no_cost() -> None:
    assert city(form(u2=None)) == city(form(u4=None)) == (0, 0)
    assert city(form(service="domisili", u4=None)) == (24, 8)
    assert city(form(service="domisili", u4=1)) == (24, 8)


def test_the_last_form_of_24_hours_counts() -> None:
    first, dot = form(u1=4), form("2026-11-21T10:00", u1=1)
    late = form("2026-11-21T10:00:00.001", u1=1)
    assert city(dot, first, window=WEEK) == (25, 9)
    assert city(late, first, window=WEEK) == (28, 9)
    assert city(dot, first) == (0, 0), "it counts on the day of the last"


def test_the_story_has_whole_and_incomplete_forms_and_corrections() -> None:
    story = Day(seed=1, scale=0.1).story
    window = ending("90d", story.end)
    counted = truth.counted(story.answers, window)
    assert len(counted) < len(story.answers)
    assert 0 < sum(not truth.scores(one) for one in counted) < len(counted) // 5
    assert {len(truth.scores(one)) for one in counted} == {0, 8, 9}
