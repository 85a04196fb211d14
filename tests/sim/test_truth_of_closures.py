"""Truth of closures that evidence contradicts (golden example G11 and its limits)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import moment
from sim import Day
from sim.cases import Complaint, Step
from sim.city import Camera, moved
from sim.incidents import Detection
from sim.signals import Turn
from sim.story import Story
from sim.truth import closures
from sim.truth.windows import Window, ending
from sim.watch import Registration, Watch
from tests.sim.making import complaint, step, wib

CAMERA = Camera("a", "x", -1.6, 103.6, 20.0)
SPOT = (CAMERA.lat, CAMERA.lon)
SOLVED = "2026-03-02T10:00"
WEEKS = Window("w", wib("2026-03-01T00:00"), wib("2026-03-29T00:00"))
LAST = wib("2026-03-09T10:00")


def solved(*steps: Step, category: str = "jalan_rusak") -> Complaint:
    return complaint("2026-02-20T10:00", step("resolved", SOLVED), *steps, category=category,
                     point=SPOT)  # fmt: skip


def again(at: int, metres: float = 30, category: str = "jalan_rusak") -> Complaint:
    made = complaint("2026-03-06T10:00", category=category, number="2",
                     point=moved(*SPOT, metres, 0))  # fmt: skip
    made.steps[0] = Step("submitted", at)
    made.phone = "0822"
    return made


def kinds(*cases: Complaint, seen: tuple[Detection, ...] = (), turns: tuple[Turn, ...] = ()
          ) -> tuple[str, ...]:  # fmt: skip
    register = [Registration(CAMERA, WEEKS.start, in_service=True)]
    story = Story(WEEKS.start, WEEKS.end, list(cases), [], list(seen), [], Watch(register), {},
                  turns=list(turns))  # fmt: skip
    return next(c.kinds for c in closures.closures(story, WEEKS) if c.case.complaint is cases[0])


def test_golden_example_g11() -> None:
    assert kinds(solved(), again(wib("2026-03-06T10:00"))) == ("reported",)
    before = again(wib("2026-03-01T10:00"))
    before.steps.append(step("duplicate_linked", "2026-03-01T12:00", master_case_id="sikesal:1"))
    assert kinds(solved(), before) == ()


@pytest.mark.parametrize(("late_by", "found"), [(0, True), (1000, False)])
def test_seven_days_end_to_the_millisecond(late_by: int, found: bool) -> None:
    assert bool(kinds(solved(), again(LAST + late_by))) is found
    assert bool(kinds(solved(Step("reopened", LAST + late_by)))) is found


def test_the_reach_of_road_damage_is_50_metres() -> None:
    at = wib("2026-03-06T10:00")
    assert (kinds(solved(), again(at, 49)), kinds(solved(), again(at, 51))) == (("reported",), ())


def test_the_same_citizen_a_copy_and_what_was_before_contradict_nothing() -> None:
    at = wib("2026-03-06T10:00")
    for change in ({"phone": "0811"}, {"origin_ref": "call112:1"}, {"kind": "info"},
                   {"incident_at": wib("2026-03-01T10:00")}, {"point": None}):  # fmt: skip
        assert kinds(solved(), replace(again(at), **change)) == ()


def test_floods_come_again_but_may_be_seen_on() -> None:
    at = wib("2026-03-06T10:00")
    assert kinds(solved(category="banjir"), again(at, category="banjir")) == ()
    seen = tuple(
        Detection("a", "flood", at + m * moment.MINUTE, at, 0.9, f"{m}") for m in (0, 9, 15)
    )
    assert kinds(solved(category="banjir"), seen=seen) == ("seen",)
    assert kinds(solved(category="banjir"), seen=seen[:2]) == ()


def test_the_story_has_each_kind_and_each_fate_on_its_day() -> None:
    story = Day(seed=1).story
    found = closures.closures(story, ending("1d", story.end))
    assert {kind for closure in found for kind in closure.kinds} == {"reopened", "reported", "seen"}
    meant = {plot: [c.kinds for c in found if c.case.complaint.plot == plot]
             for plot in ("told_again", "told_by_the_same", "told_elsewhere", "told_before",
                          "told_too_late", "seen_on", "seen_shortly", "opened_again")}  # fmt: skip
    assert all(meant.values())
    assert ("seen",) in meant["seen_on"]
    assert ("reopened",) in meant["opened_again"]
    assert meant["told_by_the_same"].count(()) == len(meant["told_by_the_same"])


def turn(what: str, minutes: float) -> Turn:
    """Something that is told of the signals, so long after the solution."""
    return Turn("x", what, wib(SOLVED) + round(minutes * moment.MINUTE))


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ((turn("alarm", 5), turn("seen", 20)), True),
        ((turn("alarm", 5), turn("seen", 19)), False),
        ((turn("alarm", -300), turn("seen", 15)), True),
        ((turn("alarm", -300), turn("said", 14), turn("seen", 300)), False),
        ((turn("alarm", 5), turn("alarm", 20)), True),
        ((turn("alarm", 5),), False),
        ((turn("alarm", 5), turn("seen", 6), turn("alarm", 66)), True),
        ((turn("alarm", 5), turn("seen", 6), turn("alarm", 67)), False),
        ((turn("alarm", 7 * 24 * 60 - 14), turn("seen", 8 * 24 * 60)), False),
    ],
)
def test_signals_that_stay_dark_contradict(
    monkeypatch: pytest.MonkeyPatch, turns: tuple[Turn, ...], found: bool
) -> None:
    monkeypatch.setattr(closures, "intersections", lambda: {"x": moved(*SPOT, 0, 70)})
    assert kinds(solved(category="lampu_lalu_lintas"), turns=turns) == ("seen",) * found
    assert kinds(solved(category="sampah"), turns=turns) == ()
    monkeypatch.setattr(closures, "intersections", lambda: {"x": moved(*SPOT, 0, 80)})
    assert kinds(solved(category="lampu_lalu_lintas"), turns=turns) == ()


def test_the_story_has_closures_that_only_alarms_contradict_and_some_that_they_do_not() -> None:
    story = Day(scale=0.1).story
    told = [c for c in story.complaints if c.plot == "alarmed" and c.steps[-1].what == "resolved"]
    assert {closures.all_kinds(story)[c.case_id] for c in told} == {("seen",), ()}
