"""Truth of camera availability on a morning with one camera."""

from __future__ import annotations

from core import moment
from sim.city import Camera
from sim.known import known_at
from sim.post import Post
from sim.story import Story
from sim.truth import cctv
from sim.truth.windows import Window, ending
from sim.watch import Maintenance, Probe, Registration, Stats, Watch
from tests.sim.making import wib

MIDNIGHT = wib("2026-11-20T00:00")
END = MIDNIGHT + moment.DAY
CAMERA = Camera("a", "x", -1.6, 103.6, 20.0)
OLD = Registration(CAMERA, MIDNIGHT - 3 * moment.DAY, in_service=True)


def minutes(count: int, first: int = 0) -> list[int]:
    return [MIDNIGHT + (first + index) * moment.MINUTE for index in range(count)]


def story(fps: list[float | None], *entries: Registration, observed: int | None = None,
          maintenance: tuple[Maintenance, ...] = (),
          probes: tuple[Probe, ...] = ()) -> Story:  # fmt: skip
    stats = [
        Stats(at + 12 * moment.SECOND, {"a": rate})
        for at, rate in zip(minutes(len(fps)), fps, strict=True)
        if rate is not None
    ]
    watch = Watch([*(entries or (OLD,))], list(maintenance), stats, list(probes), [], {})
    beats = {"frigate": minutes(len(fps) if observed is None else observed)}
    return Story(MIDNIGHT, END, [], [], [], [], watch, beats)


def city(told: Story) -> tuple[int, int]:
    whole = cctv.rows(told, ending("1d", END))[0]
    return whole.numerator, whole.denominator


def test_half_the_nominal_rate_is_up_and_less_is_down() -> None:
    assert city(story([20.0, 10.0, 9.99, 0.0])) == (2, 4)


def test_a_minute_without_report_is_down_but_one_without_observer_does_not_count() -> None:
    assert city(story([20.0, None, None], observed=3)) == (1, 3)
    assert city(story([20.0, None, None], observed=1)) == (1, 1)


def test_a_new_camera_counts_from_the_next_midnight() -> None:
    today = Registration(CAMERA, MIDNIGHT + moment.HOUR, in_service=True)
    yesterday = Registration(CAMERA, MIDNIGHT - moment.HOUR, in_service=True)
    assert city(story([20.0, 20.0], today)) == (0, 0)
    assert city(story([20.0, 20.0], yesterday)) == (2, 2)


def test_a_camera_taken_out_counts_no_more() -> None:
    gone = Registration(CAMERA, MIDNIGHT + moment.MINUTE, in_service=False)
    assert city(story([20.0, 20.0], OLD, gone)) == (1, 1)


def test_only_maintenance_announced_a_day_before_is_taken_out() -> None:
    start, end = MIDNIGHT + moment.MINUTE, MIDNIGHT + 3 * moment.MINUTE
    announced = Maintenance("a", start - moment.DAY, start, end)
    sudden = Maintenance("a", start - moment.DAY + 1, start, end)
    assert city(story([20.0, 0.0, 0.0, 20.0], maintenance=(announced,))) == (2, 2)
    assert city(story([20.0, 0.0, 0.0, 20.0], maintenance=(sudden,))) == (2, 4)


def test_a_picture_that_stays_the_same_for_over_a_minute_is_frozen() -> None:
    probes = [
        Probe("a", at + 30 * moment.SECOND, 20.0, picture)
        for at, picture in zip(minutes(6), ["p", "q", "q", "q", "q", "r"], strict=True)
    ]
    assert city(story([None] * 6, probes=tuple(probes))) == (4, 6)


def test_five_minutes_add_up_to_the_day() -> None:
    whole, *parts = cctv.rows(story([20.0] * 7), Window("1d", MIDNIGHT, END))
    parts = [row for row in parts if row.window == "5min" and row.scope_type == "city"]
    assert [(part.numerator, part.denominator) for part in parts[:3]] == [(5, 5), (2, 2), (0, 0)]
    assert len(parts) == 288
    assert sum(part.numerator for part in parts) == whole.numerator


class Late(Post):
    """What cameras say comes so much later."""

    def arrives(self, area: str, at: int) -> int:
        return at + (20 * moment.MINUTE if area == "cctv" else 0)


def test_what_comes_after_the_tick_that_settles_its_five_minutes_does_not_count() -> None:
    told = story([20.0] * 30)
    told.post = Late()
    # Ticks at 00:00 and each half hour: at 00:30 the beats of before 00:10 have come.  The others
    # of before 00:20 are settled then, and too late; those after it have time until 01:00.
    told.every = 30 * moment.MINUTE
    found = [stats.at // moment.MINUTE % 60 for stats in known_at(told, END).watch.stats]
    assert found == [*range(10), *range(20, 30)]
