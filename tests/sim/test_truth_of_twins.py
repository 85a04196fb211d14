"""Truth of complaints that were filed through two channels, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim import Day
from sim.cases import Complaint, Step
from sim.city import moved
from sim.story import Scale, Story
from sim.truth import closures, service_records
from sim.truth import complaints as truth
from sim.truth.twins import copies, repeated_claims
from sim.truth.windows import Window
from sim.watch import Watch
from tests.sim.making import complaint, step, wib

HERE = (-1.61, 103.61)
END = wib("2026-12-20T00:00")
FIRST = complaint("2026-11-02T08:00", number="1", point=HERE)
TOLD = step("duplicate_linked", "2026-11-02T12:00", master_case_id="sikesal:9")


def second(
    when: str = "2026-11-02T09:00",
    *steps: Step,
    source: str = "call112",
    metres: float = 10,
    number: str = "2",
    category: str = "bansos",
) -> Complaint:
    return complaint(when, *steps, source=source, number=number, category=category,
                     point=moved(*HERE, metres, 0))  # fmt: skip


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        pytest.param([second()], {"call112:2"}, id="another channel"),
        pytest.param([second(source="sikesal")], set(), id="the same channel"),
        pytest.param([second("2026-11-02T10:00")], {"call112:2"}, id="two hours"),
        pytest.param([second("2026-11-02T10:01")], set(), id="later"),
        pytest.param([second(metres=49)], {"call112:2"}, id="near"),
        pytest.param([second(metres=51)], set(), id="far"),
        pytest.param([second(category="air")], set(), id="another matter"),
        pytest.param([second("2026-11-02T09:00", TOLD)], set(), id="somebody said so"),
        pytest.param(
            [second(), second("2026-11-02T10:30", source="walk_in", number="3")],
            {"call112:2"},
            id="within two hours of a copy",
        ),
    ],
)
def test_what_is_filed_again_elsewhere_soon_and_near_is_a_copy(
    cases: list[Complaint], expected: set[str]
) -> None:
    for order in ([FIRST, *cases], [*reversed(cases), FIRST]):
        assert copies(order, END) == expected


def test_what_was_rejected_is_nobodys_master_from_then_on() -> None:
    rejected = complaint(
        "2026-11-02T08:00", step("rejected", "2026-11-03T08:00"), number="1", point=HERE
    )
    assert copies([rejected, second()], wib("2026-11-03T08:00")) == {"call112:2"}
    assert copies([rejected, second()], END) == set()


def test_the_copy_is_left_out_and_the_first_is_not() -> None:
    day = Window("month", wib("2026-11-01T00:00"), wib("2026-12-01T00:00"))
    found = truth.national(truth.known([FIRST, second()], END), day)
    assert [(v.case.complaint.source, v.left_out) for v in found] == [
        ("sikesal", None), ("call112", "duplicate"),
    ]  # fmt: skip
    (open_one,) = truth.backlog([FIRST, second()], END)
    assert open_one.case.complaint is FIRST


def test_a_story_files_some_complaints_twice_and_some_almost() -> None:
    story = Day(scale=Scale(complaints=300, services=20, detections=20, incidents=10)).story
    found = copies(story.complaints, story.end)
    drawn = [c for c in story.complaints if c.plot.startswith(("twin", "apart"))]
    plots = {c.plot: c.case_id in found for c in drawn}
    assert plots.keys() >= {"twin_open", "twin_solved", "twin_rejected", "twin_linked",
                            "twin_on_the_dot", "apart_later", "apart_farther",
                            "apart_same_channel", "apart_other_person"}  # fmt: skip
    assert not any(is_copy for plot, is_copy in plots.items() if plot.startswith("apart"))
    assert plots["twin_solved"]
    assert not plots["twin_linked"]


def told_of(*complaints: Complaint) -> Story:
    return Story(wib("2026-11-01T00:00"), END, list(complaints), [], [], [], Watch(), {})


def test_among_reports_of_what_cameras_see_the_first_counts_whatever_became_of_it() -> None:
    rejected = complaint("2026-11-02T08:00", step("rejected", "2026-11-03T08:00"), number="1",
                         point=HERE, category="banjir")  # fmt: skip
    again = second(category="banjir")
    assert copies([rejected, again], END) == set()
    assert repeated_claims(told_of(rejected, again)) == {"call112:2"}
    # Neither a question nor what no camera can see.
    question = replace(rejected, kind="info")
    assert repeated_claims(told_of(question, again)) == set()
    assert repeated_claims(told_of(FIRST, second())) == set()


def test_a_closure_counts_once_and_a_copy_of_an_old_report_tells_nothing_new() -> None:
    solved = step("resolved", "2026-11-04T08:00")
    first = complaint("2026-11-02T08:00", solved, number="1", point=HERE, category="jalan_rusak")
    again = second("2026-11-02T09:00", solved, category="jalan_rusak")
    month = Window("month", wib("2026-11-01T00:00"), wib("2026-12-01T00:00"))
    found = closures.closures(told_of(first, again), month)
    assert [(c.left_out, c.kinds) for c in found] == [(None, ()), ("duplicate", ())]
    other = replace(first, number="7", phone="0899", steps=[first.steps[0]])
    before, after = step("submitted", "2026-11-04T07:30"), step("submitted", "2026-11-04T08:30")
    told = [replace(other, steps=[before]), replace(other, source="call112", steps=[after])]
    assert closures.closures(told_of(first, *told), month)[0].kinds == ()
    assert closures.closures(told_of(first, told[1]), month)[0].kinds == ("reported",)


def test_about_a_letter_a_copy_is_one_of_the_same_record() -> None:
    quarter = Window("quarter", wib("2026-10-01T00:00"), wib("2027-01-01T00:00"))
    for request, expected in (("sipaten:1", [None, "duplicate"]), ("sipaten:2", [None, None])):
        first, again = replace(FIRST), second()
        first.about = {"claim": "late", "request_id": "sipaten:1", "about_service": "domisili"}
        again.about = {**first.about, "request_id": request}
        found = service_records.verdicts(told_of(first, again), quarter, fees=False)
        assert [None if v.left_out == "unlinkable" else v.left_out for v in found] == expected


def test_a_story_tells_twice_of_what_is_seen_of_solutions_and_of_letters() -> None:
    story = Day(scale=Scale(complaints=300, services=200, detections=20, incidents=60)).story
    plots = {c.plot: c.case_id in repeated_claims(story) for c in story.complaints}
    assert plots.items() >= {
        "seen_twice": True, "seen_twice_later": True, "seen_beside_neighbour": True,
        "seen_though_refused": True, "seen_apart": False, "seen_at_one_channel": False,
    }.items()  # fmt: skip
    assert plots.keys() >= {"neighbour", "refused", "told_around_solution", "letter_twice",
                            "letter_twice_solved", "letter_of_another"}  # fmt: skip
