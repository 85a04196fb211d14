"""Truth of complaints that were filed through two channels, by hand."""

from __future__ import annotations

import pytest

from sim import Day
from sim.cases import Complaint, Step
from sim.city import moved
from sim.story import Scale
from sim.truth import complaints as truth
from sim.truth.twins import copies
from sim.truth.windows import Window
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
