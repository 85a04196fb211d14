"""The story holds what it is meant to hold, and nothing that is a close call."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest

from core import moment
from sim import Day
from sim import truth as ground_truth
from sim.city import Camera, distance_m
from sim.claims import CLEARANCE, CLEARANCE_M, REACH
from sim.plots import PLOTS
from sim.truth import evidence, services, triangulation
from sim.truth.kpi import truths
from sim.truth.standing import Standing, standing
from sim.truth.table import left_out
from sim.truth.windows import ending

DAY = Day(seed=1)
STORY = DAY.story


def cases(plot: str) -> list[Standing]:
    found = [standing(c, STORY.end) for c in STORY.complaints if c.plot == plot]
    return [case for case in found if case is not None]


def test_every_plot_of_a_complaint_happens() -> None:
    assert set(PLOTS) <= {complaint.plot for complaint in STORY.complaints}


@pytest.mark.parametrize("plot", ["rejected", "withdrawn", "duplicate"])
def test_what_was_meant_to_be_left_out_is_left_out(plot: str) -> None:
    reasons = {case.left_out for case in cases(plot)}
    assert plot in reasons
    # Until it happens the case is open; aspirations and secret reports are left out anyway.
    assert reasons <= {plot, None, "aspiration", "wbs"}


def test_what_was_meant_to_be_in_time_is_in_time_and_late_is_late() -> None:
    for plot, in_time in (("on_time", True), ("on_the_dot", True), ("late", False),
                          ("a_moment_late", False)):  # fmt: skip
        solved = [(case.resolved_at, case.due) for case in cases(plot) if case.resolved_at]
        assert solved
        assert {due is not None and at <= due for at, due in solved} == {in_time}


def test_an_objection_in_time_undoes_a_solution_and_a_late_one_does_not() -> None:
    assert {c.resolved_at for c in cases("reopened_and_open") if c.times("reopened")} == {None}
    assert None not in {c.resolved_at for c in cases("reopened_too_late") if c.times("reopened")}


def test_the_third_press_of_the_button_counts_and_the_second_does_not() -> None:
    kept = {service.number for service in services.without_repeats(STORY.services)}
    plots = {plot: {s.number for s in STORY.services if s.plot == plot}
             for plot in ("repeat", "counts_again")}  # fmt: skip
    assert plots["repeat"]
    assert plots["counts_again"]
    assert not plots["repeat"] & kept
    assert plots["counts_again"] <= kept


def test_no_distance_and_no_time_between_claims_is_a_close_call() -> None:
    claims, lost = triangulation.claims(STORY)
    assert lost
    for incident, reach in REACH.items():
        for a, b in combinations([c for c in claims if c.incident == incident], 2):
            apart = abs(a.at - b.at)
            if apart <= reach.within + CLEARANCE:
                metres = distance_m(a.point, b.point)
                clear = metres > reach.radius_m + CLEARANCE_M or (
                    metres < reach.radius_m - CLEARANCE_M
                    and (apart < reach.within - CLEARANCE or apart > reach.within + CLEARANCE)
                )
                assert clear, (a, b)


def test_no_distance_to_a_camera_is_a_close_call() -> None:
    cameras: list[Camera] = [entry.camera for entry in STORY.watch.registrations]
    claims, _ = triangulation.claims(STORY)
    gaps = [
        abs(distance_m(claim.point, (camera.lat, camera.lon)) - REACH[claim.incident].radius_m)
        for claim in claims
        for camera in cameras
    ]
    assert min(gaps) > CLEARANCE_M - 1


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 6))
def test_no_kpi_is_near_the_limit_of_cases_left_out(seed: int) -> None:
    story = Day(seed=seed).story
    found = left_out(story)
    shares = [evidence.share_left_out(*counts) for counts in found.values()]
    assert all(share < evidence.TOO_MANY - Fraction(1, 100) for share in shares)


@pytest.mark.long
def test_every_daily_number_of_the_city_has_both_good_and_bad() -> None:
    day = ending("1d", STORY.end)
    rows = [r for r in ground_truth.rows(STORY) if r.scope_type == "city" and r.window == day.name]
    assert len(rows) == sum("1d" in truth.windows for truth in truths()) + 1
    for row in rows:
        if row.kpi not in (evidence.KPI, "ikm_index") and not row.kpi.endswith("p90"):
            assert 0 < row.numerator < row.denominator, row


def test_the_recorder_was_away_for_a_while_and_mute_for_another() -> None:
    told = {stats.at // moment.MINUTE for stats in STORY.watch.stats}
    beats = {at // moment.MINUTE for at in STORY.beats["frigate"]}
    assert len(told) + 3 == len(beats) < 24 * 60 - 3
