"""Truth of corroborated incidents (golden example G13 and the linking rules)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import moment
from sim import Day
from sim.cases import Complaint
from sim.city import Camera, moved
from sim.claims import Claim
from sim.incidents import Detection, Observation
from sim.signals import Turn
from sim.story import Scale, Story
from sim.truth import triangulation
from sim.truth.windows import ending
from sim.watch import Registration, Watch
from tests.sim.making import complaint, wib

MIDNIGHT = wib("2026-11-20T00:00")
NOON = wib("2026-11-20T12:00")
END = MIDNIGHT + moment.DAY
CAMERA = Camera("a", "x", -1.6, 103.6, 20.0)
SPOT = (CAMERA.lat, CAMERA.lon)
SEEN = Detection("a", "accident", NOON, NOON + moment.MINUTE, 0.9, "o1")


def accident(metres: float, minutes: int, number: str = "1") -> Complaint:
    made = complaint("2026-11-20T12:00", category="kecelakaan", number=number,
                     point=moved(*SPOT, metres, 0))  # fmt: skip
    made.steps[0] = replace(made.steps[0], at=NOON + minutes * moment.MINUTE)
    return made


def city(*complaints: Complaint, seen: tuple[Detection, ...] = (),
         observed: tuple[Observation, ...] = (), turns: tuple[Turn, ...] = (),
         ) -> tuple[int, int]:  # fmt: skip
    register = [Registration(CAMERA, MIDNIGHT - 3 * moment.DAY, in_service=True)]
    story = Story(MIDNIGHT, END, list(complaints), [], list(seen), list(observed),
                  Watch(register), {}, turns=list(turns))  # fmt: skip
    row = triangulation.row(triangulation.incidents(story), ending("1d", END))
    return row.numerator, row.denominator


def test_a_call_keyed_in_again_is_one_family() -> None:
    call, copy = accident(0, 0), accident(5, 6, number="2")
    call.source, copy.origin_ref = "call112", "call112:1"
    assert city(call, copy) == (0, 1)


def test_a_call_and_a_camera_90_m_and_12_minutes_away_corroborate() -> None:
    assert city(accident(90, 12), seen=(SEEN,)) == (1, 1)


def test_too_far_or_too_late_is_another_incident() -> None:
    assert city(accident(140, 0), seen=(SEEN,)) == (1, 1)
    assert city(accident(160, 0), seen=(SEEN,)) == (0, 1)  # the complaint is out of view, too
    assert city(accident(90, 21), seen=(SEEN,)) == (0, 2)


def test_an_alarm_is_a_sensor_at_its_intersection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triangulation, "intersections", lambda: {"x": SPOT})
    dark = accident(70, 50)
    dark.category = "lampu_lalu_lintas"
    alarm = Turn("x", "alarm", NOON)
    lit = replace(SEEN, label="signal_fault")
    assert city(turns=(alarm,)) == (0, 1)
    assert city(turns=(alarm, Turn("x", "seen", NOON + moment.HOUR))) == (0, 1)
    assert city(seen=(lit,), turns=(alarm,)) == (0, 1)
    assert city(dark, turns=(alarm,)) == (1, 1)
    assert city(accident(70, 50), turns=(alarm,)) == (0, 2)
    assert city(dark, turns=(replace(alarm, intersection_id="nowhere"),)) == (0, 1)


def test_claims_hang_together_over_others() -> None:
    assert city(accident(140, 15), accident(145, 30, "2"), seen=(SEEN,)) == (1, 1)


def test_an_officer_corroborates_unless_he_repeats_the_case() -> None:
    report = Observation("o", "accident", SPOT, NOON, "p", None)
    assert city(accident(10, 5), observed=(report,)) == (1, 1)
    assert city(accident(10, 5), observed=(replace(report, origin_ref="sikesal:1"),)) == (0, 1)


def test_what_he_repeats_far_from_it_is_no_incident() -> None:
    far = Observation("o", "accident", SPOT, NOON + 5 * moment.HOUR, "p", "sikesal:1")
    assert city(accident(10, 5), observed=(far,)) == (0, 1)
    assert city(accident(10, 5), observed=(replace(far, origin_ref=None),)) == (0, 2)


def test_officers_of_a_story_repeat_what_was_told_hours_before() -> None:
    story = Day(scale=Scale(complaints=300, services=20, detections=20, incidents=10)).story
    filed = {c.case_id: c.submitted_at for c in story.complaints}
    late = [o for o in story.observations if o.origin_ref
            and o.at - filed[o.origin_ref] > 3 * moment.HOUR]  # fmt: skip
    assert len(late) >= 3


def test_far_from_every_camera_nothing_is_monitored() -> None:
    assert city(accident(1000, 0)) == (0, 0)


def test_a_complaint_without_place_is_no_claim() -> None:
    assert city(complaint("2026-11-20T12:00", category="kecelakaan"), seen=(SEEN,)) == (0, 1)


def test_the_time_of_the_incident_counts_not_that_of_the_report() -> None:
    late = accident(10, 300)
    late.incident_at = NOON
    assert city(late, seen=(SEEN,)) == (1, 1)


def test_an_incident_counts_on_the_day_of_its_first_claim() -> None:
    before = replace(SEEN, start=MIDNIGHT - moment.MINUTE)
    after = replace(SEEN, start=MIDNIGHT + moment.MINUTE, code="o2")
    assert city(seen=(before, after)) == (0, 0)


def test_components_do_not_depend_on_the_order_of_claims() -> None:
    claims = [
        Claim("accident", "citizen", moved(*SPOT, 100 * n, 0), NOON + n) for n in (3, 0, 2, 1, 9)
    ]
    empty = Story(MIDNIGHT, END, [], [], [], [], Watch([]), {})
    assert sorted(len(group) for group in triangulation.components(claims, empty)) == [1, 4]
