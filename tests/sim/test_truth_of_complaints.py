"""Truth of complaint KPIs on stories short enough to check by hand."""

from __future__ import annotations

import pytest

from core import moment
from sim.cases import Complaint, Step
from sim.truth import complaints as truth
from sim.truth.standing import Standing, standing
from sim.truth.windows import Window
from tests.sim.making import complaint, due_on, step, wib

NOVEMBER = Window("month", wib("2026-11-01T00:00"), wib("2026-12-01T00:00"))
LATER = wib("2026-12-20T00:00")


def known(case: Complaint, at: int = LATER) -> Standing:
    found = standing(case, at)
    assert found is not None
    return found


def counts(cases: list[Complaint]) -> tuple[int, int]:
    verdicts = truth.national(truth.known(cases, LATER), NOVEMBER)
    (city,) = truth.counted("kpi", NOVEMBER, verdicts, ())
    return city.numerator, city.denominator


def test_golden_example_g5_gives_two_of_five() -> None:
    cases = [
        due_on("2026-11-03", step("resolved", "2026-11-02T10:00")),
        due_on("2026-11-05", step("resolved", "2026-11-09T10:00")),
        due_on("2026-11-10"),
        due_on("2026-11-20", step("resolved", "2026-11-12T10:00"),
               step("reopened", "2026-11-16T10:00"), step("resolved", "2026-11-19T10:00")),
        due_on("2026-11-25", step("resolved", "2026-11-20T10:00"),
               step("reopened", "2026-11-24T10:00"), step("resolved", "2026-11-27T10:00")),
        due_on("2026-12-02", step("resolved", "2026-11-15T10:00")),
        due_on("2026-11-03", step("duplicate_linked", "2026-10-31T10:00", master_case_id="a")),
        due_on("2026-11-03", step("rejected", "2026-10-31T10:00")),
    ]  # fmt: skip
    assert counts(cases) == (2, 5)


@pytest.mark.parametrize("more", [[], [step("archived", "2026-12-05T10:00")]], ids=["", "ended"])
def test_a_case_that_waits_has_no_limit_and_is_left_out_where_it_was_filed(
    more: list[Step],
) -> None:
    asked = step("verified", "2026-11-30T10:00", verdict="incomplete")
    cases = truth.known([complaint("2026-11-29T10:00", asked, *more)], LATER)
    (verdict,) = truth.national(cases, NOVEMBER)
    assert verdict.left_out == ("archived" if more else "paused")
    december = Window("month", NOVEMBER.end, wib("2027-01-01T00:00"))
    assert truth.national(cases, december) == []


def test_the_last_millisecond_is_in_time_and_the_next_is_late() -> None:
    dot = wib("2026-11-05T23:59:59.999")
    assert counts([due_on("2026-11-05", Step("resolved", dot))]) == (1, 1)
    assert counts([due_on("2026-11-05", Step("resolved", dot + 1000))]) == (0, 1)


@pytest.mark.parametrize(
    ("steps", "complete_at"),
    [
        pytest.param([], "2026-11-02T08:00", id="never verified: the submission"),
        pytest.param([step("verified", "2026-11-03T08:00", verdict="valid")],
                     "2026-11-03T08:00", id="the valid verdict"),
        pytest.param([step("verified", "2026-11-03T08:00", verdict="incomplete")],
                     None, id="waiting for the reporter"),
        pytest.param([step("verified", "2026-11-03T08:00", verdict="incomplete"),
                      step("completed_by_reporter", "2026-11-04T08:00")],
                     "2026-11-04T08:00", id="the answer of the reporter"),
        pytest.param([step("verified", "2026-11-03T08:00", verdict="incomplete"),
                      step("completed_by_reporter", "2026-11-04T08:00"),
                      step("verified", "2026-11-05T08:00", verdict="valid")],
                     "2026-11-05T08:00", id="the verdict on the answer"),
    ],
)  # fmt: skip
def test_a_file_is_complete_at(steps: list[Step], complete_at: str | None) -> None:
    case = known(complaint("2026-11-02T08:00", *steps))
    assert case.complete_at == (wib(complete_at) if complete_at else None)


def test_an_objection_after_ten_working_days_changes_nothing() -> None:
    solved, deadline = "2026-11-02T08:00", wib("2026-11-16T23:59:59.999")
    in_time = complaint("2026-11-01T08:00", step("resolved", solved), Step("reopened", deadline))
    late = complaint(
        "2026-11-01T08:00", step("resolved", solved), Step("reopened", deadline + 1000)
    )
    assert known(in_time).resolved_at is None
    assert known(late).resolved_at == wib(solved)


def test_an_unlinked_duplicate_counts_for_itself_again() -> None:
    linked = step("duplicate_linked", "2026-11-02T09:00", master_case_id="a")
    unlinked = step("duplicate_unlinked", "2026-11-02T10:00")
    assert known(complaint("2026-11-02T08:00", linked)).left_out == "duplicate"
    assert known(complaint("2026-11-02T08:00", linked, unlinked)).left_out is None


def test_the_class_of_the_verdict_sets_the_limit() -> None:
    def due(sla_class: str | None, kind: str | None = None) -> int | None:
        verdict = step("verified", "2026-11-02T08:00", verdict="valid", sla_class=sla_class)
        return known(complaint("2026-11-01T08:00", verdict, kind=kind)).due

    assert due("info") == wib("2026-11-09T23:59:59.999")
    assert due("non_supervisory") == due(None) == wib("2026-11-20T23:59:59.999")
    assert due(None, kind="info") == due("info")


def test_the_local_promise_counts_hours_from_submission() -> None:
    day = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))
    cases = [
        complaint("2026-11-19T08:00", step("resolved", "2026-11-20T08:00"), category="sampah"),
        complaint("2026-11-19T08:00", step("resolved", "2026-11-20T08:01"), category="sampah"),
        complaint("2026-11-18T08:00", category="drainase"),
        complaint("2026-11-17T08:00", category="bansos"),
        complaint("2026-11-19T08:00", category="bansos"),
        complaint("2026-11-19T08:00", category="sampah", source="call112"),
    ]
    verdicts = truth.local(truth.known(cases, LATER), day)
    assert [verdict.good for verdict in verdicts] == [True, False, False, False]


def test_capital_works_are_left_out_of_the_local_promise_only() -> None:
    works = step("progressed", "2026-11-20T08:00", long_cycle=True)
    case = due_on("2026-11-20", works)
    cases = truth.known([case], LATER)
    hours_end = case.submitted_at + 72 * moment.HOUR
    (local,) = truth.local(cases, Window("w", hours_end, hours_end + 1))
    assert local.left_out == "long_cycle"
    assert counts([case]) == (0, 1)


def test_the_backlog_knows_only_what_had_happened() -> None:
    cases = [
        due_on("2026-11-19"),
        due_on("2026-11-20"),
        due_on("2026-11-19", step("resolved", "2026-11-20T23:00")),
        due_on("2026-11-19", step("resolved", "2026-11-21T01:00")),
        due_on("2026-11-25"),
        due_on("2026-11-19", step("withdrawn", "2026-11-12T10:00")),
        complaint("2026-11-18T08:00", step("verified", "2026-11-18T09:00", verdict="incomplete")),
    ]
    verdicts = truth.backlog(cases, wib("2026-11-21T00:00"))
    assert [verdict.good for verdict in verdicts if not verdict.left_out] == [
        True, True, True, False,
    ]  # fmt: skip


def test_the_ninetieth_percentile_is_the_nearest_rank_in_whole_seconds() -> None:
    cases = [
        complaint("2026-11-02T00:00", step("resolved", f"2026-11-02T{hour:02}:00:00.900"))
        for hour in range(1, 12)
    ]
    day = Window("1d", wib("2026-11-02T00:00"), wib("2026-11-03T00:00"))
    assert truth.slowest_of_nine_in_ten(truth.known(cases, LATER), day) == (10 * 3600, 11)


def test_no_case_gives_no_percentile() -> None:
    assert truth.slowest_of_nine_in_ten([], NOVEMBER) == (0, 0)
