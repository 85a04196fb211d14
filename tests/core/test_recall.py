"""Whether cameras told of what others confirm."""

from __future__ import annotations

import pytest

from core.events import Event
from core.kpis import by_id
from core.moment import MINUTE
from tests.core.stories import PLACE, event, row, told
from tests.core.test_verdicts import DAY_START, EVENING, NOON, beats, camera, report

KPI = "tri_cctv_recall_pct"


def crash(name: str, reporter: str | None, metres: float = 0, **fields: str) -> Event:
    known = {"reporter_key": reporter} if reporter else {}
    return report(name, "kecelakaan", metres, NOON, **known, **fields)


def officer(**fields: str) -> Event:
    return event(
        "field.observed", NOON, "field_app", observation_id="o1", incident_class="accident",
        lat=PLACE[0], lon=PLACE[1], **fields,
    )  # fmt: skip


def seen(minutes: float = 12, camera_id: str = "c1") -> Event:
    return event(
        "cctv.detected", NOON + round(minutes * MINUTE), "frigate", camera_id=camera_id,
        label="accident", count=1,
    )  # fmt: skip


TWO = (crash("k1", "p1:a"), crash("k2", "p1:b"))


def today(*events: Event, down: int = 0) -> tuple[int, int]:
    segments = [
        (EVENING, [camera(), *beats(down), *events]), (DAY_START + 24 * 60 * MINUTE, list[Event]())
    ]  # fmt: skip
    said = row(told(segments), KPI, "1d", DAY_START)
    return said.numerator, said.denominator


@pytest.mark.parametrize(
    ("story", "numbers"),
    [
        pytest.param(TWO, (0, 1), id="two citizens, no camera"),
        pytest.param((*TWO, seen()), (1, 1), id="and a camera"),
        pytest.param((officer(),), (0, 1), id="an officer alone"),
        pytest.param((crash("k1", "p1:a"), seen()), (0, 0), id="one citizen and a camera"),
        pytest.param((crash("k1", "p1:a"), crash("k2", "p1:a")), (0, 0), id="the same citizen"),
        pytest.param((crash("k1", "p1:a"), crash("k2", None)), (0, 0), id="who is not known"),
        pytest.param(
            (crash("k1", "p1:a"), crash("k2", "p1:b", origin_ref="k1")), (0, 0), id="keyed in again"
        ),
        pytest.param(
            (crash("k1", "p1:a"), officer(origin_ref="k1")), (0, 0), id="an officer repeats"
        ),
        pytest.param((seen(), seen(13)), (0, 0), id="cameras alone"),
        pytest.param(
            (crash("k1", "p1:a", 110), crash("k2", "p1:b", 110)), (0, 0), id="out of view"
        ),
        pytest.param(
            (crash("k1", "p1:a", 110), crash("k2", "p1:b"), seen()), (1, 1), id="one in view"
        ),
        pytest.param((*TWO, seen(20)), (1, 1), id="20 minutes to the dot"),
        pytest.param((*TWO, seen(20.01)), (0, 1), id="later"),
        pytest.param((*TWO, seen(camera_id="c2")), (0, 1), id="another camera"),
    ],
)
def test_recall_counts_what_cameras_told_of_what_others_confirm(
    story: tuple[Event, ...], numbers: tuple[int, int]
) -> None:
    assert today(*story) == numbers


def test_what_happens_while_the_camera_is_down_does_not_count() -> None:
    assert today(*TWO, seen(), down=60 + 10) == (0, 0)


@pytest.mark.parametrize(("incidents", "value"), [(19, None), (20, "25.00")])
def test_below_20_incidents_there_is_no_value(incidents: int, value: str | None) -> None:
    reading = by_id()[KPI].measure({"n": 5, "d": incidents}, NOON)
    assert (reading.denominator, reading.value) == (incidents, value)


def test_fewer_are_insufficient() -> None:
    segments = [
        (EVENING, [camera(), *beats(), *TWO]), (DAY_START + 24 * 60 * MINUTE, list[Event]())
    ]  # fmt: skip
    assert row(told(segments), KPI, "1d", DAY_START).status == "insufficient"
