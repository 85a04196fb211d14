"""Truth of masters that keep the earliest filing of their copies, by hand, and their story."""

from __future__ import annotations

from collections import Counter

import pytest

from sim import Day
from sim.cases import Step
from sim.story import Scale, Silence, write
from sim.truth import complaints as truth
from sim.truth import handling
from sim.truth.standing import Standing, standing
from sim.truth.unexpected import complaint as fits
from sim.truth.windows import Window
from tests.sim.making import complaint, step, wib

END = wib("2026-12-20T00:00")
OWN, EARLIER, FRIDAY = "2026-11-18T10:00", "2026-11-16T08:00", "2026-11-13T08:00"
STORY = Day(seed=3, scale=Scale(complaints=300, services=20, detections=20, incidents=10)).story


def gained(copy: str, filed: str, when: str = "2026-11-18T12:00") -> Step:
    return step("duplicate_gained", when, duplicate_case_id=copy, submitted_at=wib(filed))


def lost(copy: str, when: str) -> Step:
    return step("duplicate_lost", when, duplicate_case_id=copy)


B, C = gained("b", EARLIER), gained("c", FRIDAY, "2026-11-18T13:00")


def case(*steps: Step, at: int = END, **fields: str) -> Standing:
    made = standing(complaint(OWN, *steps, **fields), at)  # type: ignore[arg-type]
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("steps", "first"),
    [
        ([], OWN),
        ([B], EARLIER),
        ([B, C], FRIDAY),
        ([gained("b", "2026-11-18T11:00")], OWN),
        ([B, C, lost("c", "2026-11-19T08:00")], EARLIER),
        ([B, lost("x", "2026-11-19T08:00")], EARLIER),
        ([B, lost("b", "2026-11-19T08:00"), gained("b", FRIDAY, "2026-11-19T09:00")], FRIDAY),
        ([C, gained("c", EARLIER, "2026-11-18T14:00")], EARLIER),
    ],
)
def test_the_first_filing_is_the_earliest_that_was_said_last(steps: list[Step], first: str) -> None:
    assert case(*steps).first_filed == wib(first)
    assert case(*steps).complete_at == wib(first)


def test_a_link_that_is_not_told_yet_moves_nothing() -> None:
    assert case(B, at=B.at).first_filed == wib(OWN)
    assert case(B, at=B.at + 1).first_filed == wib(EARLIER)


def test_clocks_begin_with_it() -> None:
    days = {
        name: [w for day in range(10, 30) if rows([case(C)], w := day_of(day))]
        for name, rows in (("screened", handling.screened), ("local", truth.local))
    }
    # Three working days after Friday the 13th end on the 18th, 72 hours on the 16th.
    assert days == {"screened": [day_of(18)], "local": [day_of(16)]}
    assert truth.slowest_of_nine_in_ten(
        [case(C, step("resolved", "2026-11-18T15:00"))], day_of(18)
    ) == ((5 * 24 + 7) * 3600, 1)


def day_of(day: int) -> Window:
    return Window("1d", wib(f"2026-11-{day:02}T00:00"), wib(f"2026-11-{day + 1:02}T00:00"))


def test_a_matter_is_open_since_its_first_filing_unless_a_verdict_makes_it_valid() -> None:
    asked = [wib(f"2026-11-{day}T00:00") for day in (13, 14, 18, 19, 20)]

    def open_at(*steps: Step) -> list[int]:
        return [len(truth.backlog([complaint(OWN, *steps)], at, END)) for at in asked]

    assert open_at() == [0, 0, 0, 1, 1]
    assert open_at(C) == [0, 1, 1, 1, 1]
    assert open_at(C, lost("c", "2026-11-19T08:00")) == [0, 0, 0, 1, 1]
    assert open_at(C, step("verified", "2026-11-19T08:00", verdict="valid")) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("before", "one", "odd"),
    [
        ([], B, False),
        ([B], C, False),
        ([B], gained("b", FRIDAY, "2026-11-18T14:00"), True),
        ([], lost("b", "2026-11-18T14:00"), True),
        ([B], lost("b", "2026-11-18T14:00"), False),
        ([B], lost("c", "2026-11-18T14:00"), True),
        ([B], step("duplicate_unlinked", "2026-11-18T14:00"), True),
    ],
)
def test_what_does_not_fit_is_odd(before: list[Step], one: Step, odd: bool) -> None:
    assert fits(one, [step("submitted", OWN), *before]) is not odd


def test_a_story_links_in_every_way_and_most_of_them_matter() -> None:
    masters = [c for c in STORY.complaints if any(s.told_by for s in c.steps)]
    by_id = {c.case_id: c for c in STORY.complaints}
    moved = {m.case_id for m in masters if _known(m.case_id).first_filed < m.submitted_at}
    assert {"told_before", "told_days_before", "told_long_before", "told_after", "not_said",
            "undone", "undone_and_not_said", "earliest_undone", "mended", "never_linked",
            } <= {c.plot for c in STORY.complaints}  # fmt: skip
    assert 10 < len(moved) < len(masters)
    for master in masters:
        for one in master.steps:
            if one.told_by:
                assert by_id[one.told_by.case_id] is one.told_by
                assert Counter(s.at for s in one.told_by.steps)[one.at] == 1


def _known(case_id: str) -> Standing:
    (found,) = (c for c in truth.known(STORY.complaints, STORY.end)
                if c.complaint.case_id == case_id)  # fmt: skip
    return found


def test_a_copy_that_was_filed_in_a_silence_tells_its_master_nothing() -> None:
    day = Day(seed=3)
    scale = Scale(complaints=300, services=20, detections=20, incidents=10)
    silence = Silence("sikesal", STORY.day - 20 * 86_400_000_000, STORY.day)
    story = write(day.date, 3, scale, [silence])
    tellers = {s.told_by.case_id for c in story.complaints for s in c.steps if s.told_by}
    before = {s.told_by.case_id for c in STORY.complaints for s in c.steps if s.told_by}
    assert tellers < before
    assert tellers <= {c.case_id for c in story.complaints}
