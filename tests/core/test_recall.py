"""Whether cameras told of what others confirm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import companion
from core.cells import merged
from core.engine import Engine
from core.events import Event
from core.kpis import by_id
from core.moment import MINUTE
from core.recall import daylight
from core.sightings import Sightings
from core.triangulation import Claim
from sim import Day
from sim.story import Scale
from sim.truth import recall as truth
from tests.core.stories import PLACE, event, routed, row, told, wib
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


def look(
    said: str, number: str = "r1", minutes: int = 30, case_id: str = "k1", camera_id: str = "c1"
) -> Event:
    return review(said, case_id, number, minutes, camera_id, "accident")


def companions(*events: Event, scope: tuple[str, str] = ("city", "city")) -> dict[str, str]:
    """Of all cells of a scope, whether there are enough cases to publish them or not."""
    numbers, _ = companion.told(by_id()[KPI].companions, cells(engine(*events), scope))
    return numbers


def cells(made: Engine, scope: tuple[str, str] = ("city", "city")) -> dict[str, int]:
    return merged(
        counters
        for join in made.joins
        for cell, counters in join._ledger.cells.items()
        if cell[:3] == (KPI, *scope)
    )


def counts(*events: Event, scope: tuple[str, str]) -> tuple[int, int]:
    found = cells(engine(*events), scope)
    return found.get("n", 0), found.get("d", 0)


BOTH = (camera(), *beats(), camera("c2"), *beats(name="c2"))


@pytest.mark.parametrize(
    ("scope", "numbers"),
    [
        (("city", "city"), (1, 1)),
        (("category", "accident"), (1, 1)),
        (("intersection", "s1"), (1, 1)),
        (("camera", "c1"), (0, 1)),
        (("camera", "c2"), (1, 1)),
        (("daylight", "day"), (1, 1)),
        (("daylight", "night"), (0, 0)),
    ],
)
def test_each_camera_answers_for_itself_and_the_city_for_all(
    scope: tuple[str, str], numbers: tuple[int, int]
) -> None:
    assert counts(*BOTH, *TWO, seen(camera_id="c2"), scope=scope) == numbers


@pytest.mark.parametrize(
    ("clock", "light"),
    [
        ("05:59", "night"),
        ("06:00", "day"),
        ("17:59", "day"),
        ("18:00", "night"),
        ("00:00", "night"),
    ],
)
def test_day_is_from_six_to_six_in_jambi(clock: str, light: str) -> None:
    assert daylight(wib(f"2026-11-20T{clock}")) == light


@pytest.mark.parametrize(
    ("story", "lead"),
    [
        pytest.param((*TWO, seen(-5)), "300.00", id="the camera was first"),
        pytest.param((*TWO, seen(5)), "-300.00", id="the citizen was first"),
        pytest.param((*TWO, seen(-5), seen(5)), "300.00", id="the first sighting"),
        pytest.param((*TWO,), None, id="nothing seen"),
        pytest.param((officer(), seen()), None, id="no citizen"),
        pytest.param((officer(), crash("k1", "p1:a", origin_ref="x"), seen()), None, id="a copy"),
    ],
)
def test_lead_is_from_the_first_sighting_to_the_first_report(
    story: tuple[Event, ...], lead: str | None
) -> None:
    assert companions(camera(), *beats(), *story).get("lead_p50_seconds") == lead


@pytest.mark.parametrize(
    ("story", "precision", "number"),
    [
        pytest.param((), None, "0", id="nobody looked"),
        pytest.param((look("confirmed"),), "100.00", "2", id="confirmed"),
        pytest.param((look("refuted"),), "0.00", "2", id="refuted"),
        pytest.param((look("unclear"),), None, "0", id="unclear"),
        pytest.param(
            (look("refuted"), look("confirmed", "r2", 31)), "100.00", "2", id="the last look"
        ),
        pytest.param(
            (look("refuted"), look("unclear", "r2", 31)), "0.00", "2", id="the last clear look"
        ),
        pytest.param((look("confirmed", camera_id="c2"),), None, "0", id="another camera"),
        pytest.param((look("confirmed", case_id="k9"),), None, "0", id="another report"),
    ],
)
def test_precision_is_of_the_detections_on_clips_that_were_looked_at(
    story: tuple[Event, ...], precision: str | None, number: str
) -> None:
    sightings = (seen(-79), seen(20), seen(-81), seen(21))
    found = companions(camera(), *beats(), crash("k1", "p1:a"), *sightings, *story)
    assert (found.get("precision_pct"), found["reviewed"]) == (precision, number)


@pytest.mark.parametrize(
    "scope",
    [("category", "accident"), ("intersection", "s1"), ("camera", "c1"), ("daylight", "day")],
)
def test_precision_is_told_in_every_scope(scope: tuple[str, str]) -> None:
    story = (camera(), *beats(), crash("k1", "p1:a"), seen(), look("confirmed"))
    assert companions(*story, scope=scope)["precision_pct"] == "100.00"


@given(
    st.lists(st.tuples(st.sampled_from(["c1", "c2"]), st.integers(0, 9)), max_size=20),
    st.sampled_from(["c1", "c2", "c3"]), st.integers(0, 9), st.integers(0, 9),
)  # fmt: skip
def test_what_a_camera_saw_is_found_as_by_looking_at_everything(
    told_of: list[tuple[str, int]], name: str, start: int, end: int
) -> None:
    claims = [
        Claim(f"{c}|{n}", "accident", "sensor", at, 0, 0) for n, (c, at) in enumerate(told_of)
    ]
    found = Sightings(claims).of(name, start, end)
    assert set(found) == {c for c in claims if c.camera == name and start <= c.at <= end}


@pytest.mark.long
def test_companions_are_those_of_the_simulated_day() -> None:
    day = Day(scale=Scale(complaints=300, services=20, detections=500, incidents=60))
    story, made = day.story, Engine(2)
    for number, part in enumerate(routed(day.events(), 2)):
        made.apply(number, part)
    list(made.tick(day.end, {}))
    found = {counter: n for counter, n in cells(made).items() if n}
    looked = truth.looked_at(story)
    found_by = (one.lead(*one.cameras) for one in truth.incidents(story))
    leads = sorted(lead // 1_000_000 for lead in found_by if lead is not None)
    assert looked
    assert leads
    assert found["reviewed"] == len(looked)
    assert found.get("reviewed:real", 0) == sum(real for _, real in looked)
    assert (
        sorted(
            int(name[2:]) for name, n in found.items() if name.startswith("s#") for _ in range(n)
        )
        == leads
    )
