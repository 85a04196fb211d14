"""Measurements that refute a report by themselves, by the engine and by the simulator's truth."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from core.engine import Engine
from core.events import Event
from core.moment import DAY, HOUR, MINUTE
from core.opposites import Normal, Normality
from core.verdicts import Judged, Verdict
from tests.core.stories import METRE, PLACE, event
from tests.core.test_verdicts import (
    DAY_START,
    EVENING,
    NOON,
    beats,
    camera,
    engine,
    report,
    review,
)  # fmt: skip

QUARTERS = range(NOON - HOUR - 30 * MINUTE, NOON + 45 * MINUTE, 15 * MINUTE)
"""Those that touch the time from 90 minutes before noon to 30 after it."""
CAMERA = (camera(analytics="congestion signal_fault"), *beats())
JAM = report(category="kemacetan")
DARK = report()


def flow(start: int, delay: float | None = 20.0, minutes: int = 15, place: str = "s1"
         ) -> list[Event]:  # fmt: skip
    return [
        event(
            "traffic.measured", start + n * MINUTE, "traffic_analytics", intersection_id=place,
            camera_id="c1", mean_delay_s=delay, volume_smp=10.0,
        )
        for n in range(minutes)
    ]  # fmt: skip


def flowing(**odd: float | None) -> list[Event]:
    """Traffic that flowed all the time, but in the quarter with a number."""
    return [
        one
        for number, start in enumerate(QUARTERS)
        for one in flow(start, odd.get(f"q{number}", 20.0))
    ]


def without(number: int) -> list[Event]:
    return [one for n, start in enumerate(QUARTERS) if n != number for one in flow(start)]


def signal(minutes: int, *, alarm: bool = False, confirmed: bool = True) -> Event:
    at = NOON + minutes * MINUTE
    if alarm:
        return event("signal.alarm", at, "atcs", intersection_id="s1")
    return event("signal.restored", at, "atcs", intersection_id="s1", confirmed=confirmed)


def jam_seen() -> Event:
    return event(
        "cctv.detected", NOON, "frigate", camera_id="c1", label="congestion", count=1
    )  # fmt: skip


def officer() -> Event:
    return event(
        "field.observed", NOON, "field_app", observation_id="o1", incident_class="congestion",
        lat=PLACE[0] + METRE, lon=PLACE[1],
    )  # fmt: skip


def judged(*events: Event) -> Judged:
    (found,) = [one for join in engine(*CAMERA, *events).joins for one in join.reports()]
    return found


LAST = len(QUARTERS) - 1


@pytest.mark.parametrize(
    ("story", "verdict"),
    [
        pytest.param(flowing(), Verdict.REFUTED, id="it flowed all the time"),
        pytest.param(flowing(q0=25.1), Verdict.ABSENT, id="level D in the first quarter"),
        pytest.param(flowing(**{f"q{LAST}": 25.1}), Verdict.ABSENT, id="and in the last"),
        pytest.param(flowing(q0=25.0), Verdict.REFUTED, id="level C to the dot"),
        pytest.param(flowing(q4=None), Verdict.ABSENT, id="a quarter that only counts"),
        pytest.param(without(0), Verdict.ABSENT, id="the first quarter is missing"),
        pytest.param(without(4), Verdict.ABSENT, id="one between is missing"),
        pytest.param(without(LAST), Verdict.ABSENT, id="the last is missing"),
        pytest.param(
            [*without(4), *flow(QUARTERS[4], minutes=9)], Verdict.ABSENT, id="9 minutes of one"
        ),
        pytest.param(
            [*without(4), *flow(QUARTERS[4], place="s2")], Verdict.ABSENT, id="elsewhere"
        ),
        pytest.param([*flowing(), jam_seen()], Verdict.CORROBORATED, id="a camera saw it"),
        pytest.param([*flowing(), officer()], Verdict.CORROBORATED, id="an officer saw it"),
        pytest.param(
            [*flowing(), review("confirmed", incident_class="congestion")], Verdict.CORROBORATED,
            id="a look at the clip decides",
        ),
    ],
)  # fmt: skip
def test_traffic_that_flowed_refutes_a_jam_unless_somebody_else_saw_it(
    story: list[Event], verdict: Verdict
) -> None:
    assert judged(JAM, *story).verdict is verdict


@pytest.mark.parametrize(
    ("story", "verdict"),
    [
        pytest.param([signal(-120), signal(60)], Verdict.REFUTED, id="before and after"),
        pytest.param([signal(-119), signal(60)], Verdict.ABSENT, id="not long enough before"),
        pytest.param([signal(-120), signal(59)], Verdict.ABSENT, id="not long enough after"),
        pytest.param([signal(-120)], Verdict.ABSENT, id="silence is no measurement"),
        pytest.param(
            [signal(-120), signal(0, alarm=True), signal(60)], Verdict.ABSENT, id="an alarm"
        ),
        pytest.param(
            [signal(-120), signal(60, confirmed=False)], Verdict.ABSENT, id="somebody says so"
        ),
        pytest.param(
            [signal(-200, alarm=True), signal(-130), signal(0), signal(70), signal(80, alarm=True)],
            Verdict.REFUTED, id="between two faults",
        ),
    ],
)  # fmt: skip
def test_a_signal_that_devices_saw_working_refutes_that_it_was_dark(
    story: list[Event], verdict: Verdict
) -> None:
    assert judged(DARK, *story).verdict is verdict


def test_who_says_when_it_was_is_judged_by_that_time_alone() -> None:
    exact = report(at=NOON + MINUTE, incident_at=NOON)  # type: ignore[arg-type]
    assert judged(exact, signal(-60), signal(60)).verdict is Verdict.REFUTED


def test_where_no_camera_could_tell_a_measurement_refutes_nothing() -> None:
    far = report(category="kemacetan", metres=150)
    assert judged(far, *flowing()).verdict is Verdict.UNVERIFIABLE


def test_the_measurements_that_refuted_are_named() -> None:
    assert judged(DARK, signal(-120), signal(60)).support == (f"signal|s1|{NOON - 120 * MINUTE}",)
    assert len(judged(JAM, *flowing()).support) == len(QUARTERS)


def test_what_refuted_stands_when_the_measurements_are_forgotten() -> None:
    made = engine(*CAMERA, JAM, *flowing())
    for days in (1, 2, 3):
        list(made.tick(DAY_START + days * DAY + HOUR, {}))
    assert not [e for fold in made.folds for e in fold.entities if e.kind == "traffic"]
    assert not [e for fold in made.folds for e in fold._stated if e.kind == "traffic"]
    assert [one.verdict for one in _reports(made)] == [Verdict.REFUTED]


def _reports(made: Engine) -> list[Judged]:
    return [one for join in made.joins for one in join.reports()]


def test_spans_are_one_when_they_meet_and_not_when_they_do_not() -> None:
    first = Normal("s1", 0, 10, "a", "congestion")
    second = Normal("s1", 10, 20, "b", "congestion")
    both = Normality([second, first])
    assert both.throughout("s1", 0, 19) == ("a", "b")
    assert both.throughout("s1", 0, 9) == ("a",)
    assert both.throughout("s1", 0, 20) == ()
    assert both.throughout("s2", 0, 9) == ()
    assert Normality([first, replace(second, start=11)]).throughout("s1", 0, 19) == ()


def test_a_measurement_that_comes_later_moves_the_verdict() -> None:
    made = engine(*CAMERA, DARK, signal(-120))
    assert [one.verdict for one in _reports(made)] == [Verdict.ABSENT]
    made.apply(0, [signal(60)])
    list(made.tick(EVENING + MINUTE, {}))
    assert [one.verdict for one in _reports(made)] == [Verdict.REFUTED]
    made.apply(0, [signal(0, alarm=True)])
    list(made.tick(EVENING + 2 * MINUTE, {}))
    assert [one.verdict for one in _reports(made)] == [Verdict.ABSENT]
