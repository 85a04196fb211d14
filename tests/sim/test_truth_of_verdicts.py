"""Truth of refuted reports, with one camera and one report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import moment
from sim.city import Camera, moved
from sim.flows import Measurement
from sim.incidents import Detection, Observation
from sim.reviews import Review
from sim.signals import Turn
from sim.story import Story
from sim.truth import verdicts
from sim.truth.windows import ending
from sim.watch import Registration, Stats, Watch
from tests.sim.making import complaint, step, wib

MIDNIGHT = wib("2026-11-20T00:00")
END = MIDNIGHT + moment.DAY
CAMERA = Camera("x_1", "x", -1.6, 103.6, 20.0)
POINT = moved(-1.6, 103.6, 50, 50)


def story(*looks: tuple[str, str], point: tuple[float, float] = POINT, up: int = 24 * 60,
          filed: str = "2026-11-20T01:00", copy: bool = False) -> Story:  # fmt: skip
    """The camera is up in the first minutes of the day; `looks` are verdicts and their cameras."""
    steps = [step("duplicate_linked", "2026-11-20T23:00")] if copy else []
    report = complaint(filed, *steps, category="kecelakaan", point=point)
    register = [Registration(CAMERA, MIDNIGHT - 3 * moment.DAY, in_service=True)]
    stats = [Stats(MIDNIGHT + n * moment.MINUTE, {"x_1": 20.0}) for n in range(up)]
    told = Story(MIDNIGHT, END, [report], [], [], [], Watch(register, [], stats, [], [], {}), {})
    told.reviews = [
        Review(f"RV-{n}", report.case_id, camera, "accident", verdict, MIDNIGHT + n)
        for n, (verdict, camera) in enumerate(looks)
    ]
    return told


def city(told: Story) -> tuple[int, int]:
    (truth,) = verdicts.TRUTHS
    whole = next(iter(truth.rows(told, ending("1d", END))))
    return whole.numerator, whole.denominator


@pytest.mark.parametrize(
    ("told", "numbers"),
    [
        pytest.param(story(), (0, 1), id="nobody looked"),
        pytest.param(story(("refuted", "x_1")), (1, 1), id="refuted"),
        pytest.param(story(("refuted", "x_1"), ("confirmed", "x_1")), (0, 1), id="last one"),
        pytest.param(story(("refuted", "x_1"), ("unclear", "x_1")), (1, 1), id="unclear after"),
        pytest.param(story(("refuted", "y_1")), (0, 1), id="another camera"),
        pytest.param(story(("refuted", "x_1"), point=moved(*POINT, 50, 0)), (0, 0), id="outside"),
        pytest.param(story(("refuted", "x_1"), copy=True), (0, 0), id="a copy"),
        pytest.param(story(up=77), (0, 1), id="up in 37 of 41 minutes"),
        pytest.param(story(up=76), (0, 0), id="up in 36 of 41"),
        pytest.param(story(filed="2026-11-20T22:35"), (0, 1), id="settled at the end of the day"),
        pytest.param(story(filed="2026-11-20T22:45"), (0, 0), id="not settled yet"),
    ],
)
def test_a_report_counts_when_a_camera_could_see_it(told: Story, numbers: tuple[int, int]) -> None:
    assert city(told) == numbers


VERDICTS = ("absent", "corroborated", "unverifiable")


def verdict(told: Story) -> str:
    """Of the one report: what the companions say, else refuted; its category says the same."""
    (truth,) = verdicts.TRUTHS
    whole = next(iter(truth.rows(told, ending("1d", END))))
    counts = truth.beside(told, whole)
    of_class = replace(whole, scope_type="category", scope_id=verdicts.seen(told)[0].incident)
    assert truth.beside(told, of_class) == counts
    (found,) = [name for name in VERDICTS if counts[name] == "1"] or ["refuted"]
    return found


@pytest.mark.parametrize(
    ("told", "found"),
    [
        pytest.param(story(), "absent", id="nobody looked"),
        pytest.param(story(("refuted", "x_1")), "refuted", id="refuted"),
        pytest.param(story(("confirmed", "x_1")), "corroborated", id="confirmed"),
        pytest.param(story(("unclear", "x_1")), "absent", id="unclear"),
        pytest.param(story(up=76), "unverifiable", id="not up"),
        pytest.param(story(("confirmed", "x_1"), up=76), "unverifiable", id="a clip of no camera"),
    ],
)
def test_each_report_has_one_verdict(told: Story, found: str) -> None:
    assert verdict(told) == found


@pytest.mark.parametrize(
    ("seconds", "up", "found"),
    [
        pytest.param(20 * 60, 24 * 60, "corroborated", id="the camera saw it"),
        pytest.param(20 * 60 + 1, 24 * 60, "absent", id="too late"),
        pytest.param(-80 * 60, 24 * 60, "corroborated", id="an hour and 20 minutes before"),
        pytest.param(-80 * 60 - 1, 24 * 60, "absent", id="too early"),
        pytest.param(20 * 60, 76, "corroborated", id="in its incident, whoever was up"),
        pytest.param(-80 * 60, 76, "unverifiable", id="not in its incident, by no camera"),
    ],
)
def test_what_a_camera_saw_around_it_corroborates(seconds: int, up: int, found: str) -> None:
    told = story(up=up)
    at = wib("2026-11-20T01:00") + seconds * moment.SECOND
    told.detections = [Detection("x_1", "accident", at, at, 0.9, "d")]
    assert verdict(told) == found


def normal(
    category: str,
    *,
    delay: float = 25.0,
    back: int = 60,
    alarm: bool = False,
    officer: bool = False,
) -> Story:
    """A report at ten without its time, traffic of 08:00 to 11:00, a signal seen at 08:00 and so
    many minutes after ten."""
    told = story()
    ten = wib("2026-11-20T10:00")
    report = complaint("2026-11-20T10:00", category=category, point=POINT)
    told.complaints = [report]
    told.measurements = [
        Measurement("x", "x_1", None, ten + n * moment.MINUTE, delay, 10.0) for n in range(-120, 60)
    ]
    told.turns = [
        Turn("x", "seen", ten - 120 * moment.MINUTE), Turn("x", "seen", ten + back * moment.MINUTE)
    ]  # fmt: skip
    if alarm:
        told.turns.append(Turn("x", "alarm", ten))
    if officer:
        told.observations = [Observation("o1", "congestion", POINT, ten, "p1", None)]
    return told


@pytest.mark.parametrize(
    ("told", "numbers"),
    [
        pytest.param(normal("kemacetan"), (1, 1), id="it flowed"),
        pytest.param(normal("kemacetan", delay=25.1), (0, 1), id="level D"),
        pytest.param(normal("kemacetan", officer=True), (0, 1), id="an officer saw it"),
        pytest.param(normal("lampu_lalu_lintas"), (1, 1), id="it worked"),
        pytest.param(normal("lampu_lalu_lintas", back=59), (0, 1), id="too early to say"),
        pytest.param(normal("lampu_lalu_lintas", alarm=True), (0, 1), id="an alarm"),
        pytest.param(normal("kecelakaan"), (0, 1), id="nothing measures accidents"),
    ],
)
def test_what_was_measured_to_be_normal_refutes(told: Story, numbers: tuple[int, int]) -> None:
    assert city(told) == numbers


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (normal("kemacetan", delay=25.1), "absent"),
        (normal("kemacetan", officer=True), "corroborated"),
        (normal("lampu_lalu_lintas", back=59), "absent"),
        (normal("kecelakaan"), "absent"),
    ],
)
def test_what_refutes_nothing_has_another_verdict(told: Story, found: str) -> None:
    assert verdict(told) == found
