"""Alarms of the traffic control system are claims: where, of whom, and what they lead to."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from core import tables
from core.alarms import alarms
from core.closures import SHOWN, WITHIN, Report
from core.engine import Engine
from core.events import Event
from core.kpis import by_id
from core.moment import DAY, HOUR, MINUTE
from core.signals import FAULT, Signals
from core.tables import Flawed, IntersectionTable
from core.triangulation import Claim
from core.verdicts import Verdict
from core.vicinity import Vicinity
from tests.core.stories import METRE, PLACE, as_told, event, loaded, routed, row, told, wib
from tests.core.test_verdicts import DAY_START, EVENING, NOON, beats, camera, report

LON_LAT = (PLACE[1], PLACE[0])
MIDNIGHT = DAY_START + DAY
PLACES = loaded("intersection", wib("2026-01-01T00:00"), "city.1", places={"s1": LON_LAT})
CAMERA = (camera(), *beats())


def alarm(minutes: float = 0, place: str = "s1", **fields: str) -> Event:
    at = NOON + round(minutes * MINUTE)
    return event("signal.alarm", at, "atcs", intersection_id=place, **fields)


def works(minutes: float, *, confirmed: bool = True) -> Event:
    at = NOON + round(minutes * MINUTE)
    return event("signal.restored", at, "atcs", intersection_id="s1", confirmed=confirmed)


def seen(minutes: float = 0, metres: float = 0) -> Event:
    return event(
        "cctv.detected", NOON + round(minutes * MINUTE), "frigate", camera_id="c1", label=FAULT,
        count=1, lat=PLACE[0] + metres * METRE, lon=PLACE[1],
    )  # fmt: skip


def officer(metres: float = 0) -> Event:
    return event(
        "field.observed", NOON, "field_app", observation_id="o1", incident_class=FAULT,
        lat=PLACE[0] + metres * METRE, lon=PLACE[1],
    )  # fmt: skip


def today(kpi: str, *events: Event, partitions: int = 1) -> Any:
    said = told([(EVENING, events), (MIDNIGHT, [])], partitions)
    found = row(said, kpi, "1d", DAY_START)
    return found.numerator, found.denominator


def claims(*events: Event) -> list[Claim]:
    found = []
    for order in permutations(events):
        made = Signals.of(order)
        assert made is not None
        found.append(list(alarms(made)))
    assert all(one == found[0] for one in found)
    return found[0]


@pytest.mark.parametrize(
    ("story", "minutes"),
    [
        pytest.param([alarm()], [None], id="the last word"),
        pytest.param([alarm(), works(9)], [9], id="until it works"),
        pytest.param([alarm(), works(9, confirmed=False)], [9], id="or somebody says so"),
        pytest.param([alarm(), alarm(5), works(9)], [5, 9], id="until the next alarm"),
        pytest.param([alarm(), works(9), works(12)], [9], id="only the first word"),
        pytest.param([works(9)], [], id="what works is no claim"),
    ],
)
def test_an_alarm_is_a_claim_until_the_next_word_of_its_signals(
    story: list[Event], minutes: list[int | None]
) -> None:
    found = [None if c.until is None else (c.until - NOON) // MINUTE for c in claims(*story)]
    assert found == minutes


def test_a_team_that_is_sent_says_nothing_of_the_signals() -> None:
    sent = event("signal.dispatched", NOON + MINUTE, "atcs", intersection_id="s1")
    assert [claim.until for claim in claims(alarm(), sent)] == [None]
    assert claims(sent) == []


def test_it_is_a_sensor_and_no_camera() -> None:
    (claim,) = claims(alarm())
    assert (claim.incident, claim.family, claim.signal) == ("signal_fault", "sensor", "s1")
    assert (claim.by_camera, claim.camera) == (False, "")
    assert as_told(claim) == claim


KPI_28 = "tri_corroborated_incident_pct"


@pytest.mark.parametrize(
    ("story", "numbers"),
    [
        pytest.param([alarm()], (0, 1), id="an alarm alone"),
        pytest.param([alarm(), seen()], (0, 1), id="and a camera: sensors, one family"),
        pytest.param([alarm(), report()], (1, 1), id="and a citizen"),
        pytest.param([alarm(), officer()], (1, 1), id="and an officer"),
        pytest.param([alarm(), report(metres=74)], (1, 1), id="74 m away"),
        pytest.param([alarm(), report(metres=76)], (0, 1), id="76 m away"),
        pytest.param([alarm(60), report()], (1, 1), id="an hour to the dot"),
        pytest.param([alarm(60.001), report()], (0, 2), id="later"),
        pytest.param([alarm(), report(category="kecelakaan")], (0, 2), id="another class"),
        pytest.param([alarm(place="s2"), report()], (0, 1), id="an intersection without a place"),
        pytest.param([alarm(cause="pln"), report()], (1, 1), id="a power cut"),
    ],
)
def test_an_alarm_and_somebody_who_is_no_sensor_corroborate(
    story: list[Event], numbers: tuple[int, int]
) -> None:
    assert today(KPI_28, PLACES, *CAMERA, *story) == numbers
    assert today(KPI_28, PLACES, *CAMERA, *story, partitions=3) == numbers


def test_an_alarm_out_of_reach_of_any_camera_is_in_no_monitored_place() -> None:
    assert today(KPI_28, PLACES, alarm(), report()) == (0, 0)


def test_an_alarm_without_a_place_is_counted_as_unlocated() -> None:
    found = row(told([(EVENING, [*CAMERA, alarm(), report()]), (MIDNIGHT, [])]), KPI_28, "1d",
                DAY_START)  # fmt: skip
    assert (found.numerator, found.denominator) == (0, 1)
    assert dict(found.excluded) == {"unlocated": 1}


def test_a_place_that_is_told_later_holds_for_the_alarms_before_it() -> None:
    here = loaded("intersection", EVENING - HOUR, "city.2", places={"s1": LON_LAT})
    early = (EVENING - HOUR, [*CAMERA, alarm(), report()])
    assert row(told([early, (EVENING, [here]), (MIDNIGHT, [])], 2), KPI_28, "1d",
               DAY_START).numerator == 1  # fmt: skip


def test_the_newest_place_counts() -> None:
    lon, lat = LON_LAT
    moved = loaded("intersection", NOON, "city.2", places={"s1": (lon, lat + 200 * METRE)})
    assert today(KPI_28, PLACES, moved, *CAMERA, alarm(), report()) == (0, 1)


KPI_31 = "tri_cctv_recall_pct"


@pytest.mark.parametrize(
    ("story", "numbers"),
    [
        pytest.param([alarm()], (0, 1), id="an alarm alone confirms"),
        pytest.param([alarm(), seen(60)], (1, 1), id="a camera saw it"),
        pytest.param([alarm(), seen(60.001)], (0, 1), id="too late"),
        pytest.param([seen()], (0, 0), id="a camera alone confirms nothing"),
        pytest.param([alarm(place="s2")], (0, 0), id="nobody knows where"),
        pytest.param([alarm(), report(), seen(30)], (1, 1), id="with a citizen it is one"),
    ],
)
def test_an_alarm_confirms_what_cameras_should_have_seen(
    story: list[Event], numbers: tuple[int, int]
) -> None:
    assert today(KPI_31, PLACES, *CAMERA, *story) == numbers


def test_what_the_camera_cannot_see_it_need_not_tell() -> None:
    blind = camera(analytics="accident")
    assert today(KPI_31, PLACES, blind, *beats(), alarm()) == (0, 0)
    assert today(KPI_31, PLACES, camera(), *beats(down=60), alarm()) == (0, 0)


def verdicts(*events: Event) -> list[tuple[Verdict, tuple[str, ...]]]:
    engine = Engine(2)
    for number, part in enumerate(routed([PLACES, *events], 2)):
        engine.apply(number, part)
    list(engine.tick(EVENING, {}))
    return [(one.verdict, one.support) for join in engine.joins for one in join.reports()]


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [
        pytest.param(60, Verdict.CORROBORATED, id="an hour later"),
        pytest.param(60.001, Verdict.ABSENT, id="later"),
        pytest.param(-120, Verdict.CORROBORATED, id="two hours before one who gives no time"),
        pytest.param(-120.001, Verdict.ABSENT, id="earlier"),
    ],
)
def test_an_alarm_corroborates_a_report_near_it(minutes: float, verdict: Verdict) -> None:
    ((found, support),) = verdicts(*CAMERA, report(), told_ := alarm(minutes))
    assert found is verdict
    named = (f"alarm|s1|{told_.event_id}",) if verdict is Verdict.CORROBORATED else ()
    assert support == named


def test_who_says_when_it_was_is_given_no_hour_more() -> None:
    exact = report(at=NOON + MINUTE, incident_at=NOON)  # type: ignore[arg-type]
    assert [v for v, _ in verdicts(*CAMERA, exact, alarm(-60))] == [Verdict.CORROBORATED]
    assert [v for v, _ in verdicts(*CAMERA, exact, alarm(-60.001))] == [Verdict.ABSENT]


def test_an_alarm_elsewhere_corroborates_nothing() -> None:
    far = report(metres=80)
    assert [v for v, _ in verdicts(*CAMERA, far, alarm(-90))] == [Verdict.ABSENT]


def closure(metres: float = 0, category: str = FAULT) -> Report:
    """A report of signals that was resolved at noon."""
    lat = PLACE[0] + metres * METRE
    return Report(
        "k", category, "dishub", "", NOON - HOUR, NOON - HOUR, lat, PLACE[1], (NOON,), (), None,
        tells=True,
    )  # fmt: skip


def contradicted(closed: Report, *told_: Event) -> bool:
    vicinity = Vicinity()
    signals = Signals.of(told_, _law())
    assert signals is not None
    vicinity.put("k", closed)
    for claim in alarms(signals):
        vicinity.put(claim.claim_id, claim)
    (found,) = [one for _, part in vicinity.changed() for one in part]
    assert set(found.contradicted_by) <= {"seen"}
    return bool(found.contradicted_by)


def _law() -> Any:
    engine = Engine(1)
    engine.apply(0, [PLACES])
    list(engine.tick(EVENING, {}))
    return engine.folds[0].law


DARK, END = SHOWN // MINUTE, WITHIN // MINUTE


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        pytest.param([alarm(0), works(DARK)], True, id="15 minutes to the dot"),
        pytest.param([alarm(0), works(DARK - 0.001)], False, id="shorter"),
        pytest.param([alarm(-60), works(DARK)], True, id="it stood when it was resolved"),
        pytest.param([alarm(-60), works(DARK - 0.001)], False, id="shorter after that"),
        pytest.param([alarm(-600), alarm(-500), works(DARK)], True, id="and stood for long"),
        pytest.param([alarm(-60), works(0)], False, id="resolved and it worked"),
        pytest.param([alarm(5)], False, id="one word shows nothing that stays"),
        pytest.param([alarm(-60)], False, id="nor one from before"),
        pytest.param([alarm(5), alarm(20)], True, id="another alarm"),
        pytest.param([alarm(5), works(6), alarm(20)], True, id="out, in and out again"),
        pytest.param([alarm(5), works(6), alarm(66), works(68)], True, id="an hour between"),
        pytest.param([alarm(5), works(6), alarm(66.1), works(68)], False, id="more than an hour"),
        pytest.param([alarm(END - DARK), works(END + 60)], True, id="just within the 7 days"),
        pytest.param([alarm(END - DARK + 1), works(END + 60)], False, id="beyond them"),
        pytest.param([alarm(-600), works(END + 60)], True, id="all the time"),
        pytest.param([alarm(5), works(30, confirmed=False)], True, id="until somebody spoke"),
    ],
)
def test_signals_that_stay_dark_contradict_that_they_were_repaired(
    story: list[Event], expected: bool
) -> None:
    assert contradicted(closure(), *story) is expected
    assert contradicted(closure(74), *story) is expected
    assert contradicted(closure(76), *story) is False
    assert contradicted(closure(category="accident"), *story) is False


def test_alarms_and_sightings_that_follow_each_other_show_it_together() -> None:
    vicinity = Vicinity()
    vicinity.put("k", closure())
    signals = Signals.of([alarm(5)], _law())
    assert signals is not None
    for claim in (*alarms(signals), Claim("c1|x", FAULT, "sensor", NOON + 21 * MINUTE, *PLACE)):
        vicinity.put(claim.claim_id, claim)
    (found,) = [one for _, part in vicinity.changed() for one in part]
    assert found.contradicted_by == ("seen",)


def test_a_word_that_comes_later_moves_the_closure() -> None:
    filed = [report(at=NOON - HOUR), event("complaint.resolved", NOON, case_id="k1", opd="dishub")]
    week = [(EVENING, [PLACES, *filed, alarm(-5)]), (NOON + 7 * DAY, []), (NOON + 9 * DAY, [])]
    start = wib("2026-11-27T00:00")
    kpi = by_id()["tri_false_closure_pct"]
    before = row(told(week), kpi.id, "1d", start)
    assert (before.numerator, before.denominator) == (0, 1)
    week[1][1].append(works(600))
    after = row(told(week, 2), kpi.id, "1d", start)
    assert (after.numerator, after.companions["seen"]) == (1, "1")


def test_a_table_says_where_its_intersections_are() -> None:
    table = tables.shipped(IntersectionTable)
    assert table.places == {}
    assert table.place("s1") is None
    bad = """version = "x"
title = "t"
verified = "no"
sources = ["s"]
default_level = "C"
[places]
s1 = [-1.61, 103.61]
"""
    with pytest.raises(Flawed, match=r"places\.s1: not on Earth; write longitude, then latitude"):
        tables.from_toml("intersection", bad)
    good = tables.from_toml("intersection", bad.replace("-1.61, 103.61", "103.61, -1.61"))
    assert isinstance(good, IntersectionTable)
    assert good.place("s1") == (-1.61, 103.61)


def test_nothing_of_an_alarm_depends_on_the_order_of_arrival() -> None:
    story = [PLACES, camera(), alarm(), works(30), report()]
    turned = [story[n:] + story[:n] for n in range(len(story))]
    found = set()
    for order in (*turned, story[::-1]):
        segments = [(EVENING + n * MINUTE, [one]) for n, one in enumerate(order)]
        said = row(told([*segments, (MIDNIGHT, [])]), KPI_28, "1d", DAY_START)
        found.add((said.numerator, said.denominator))
    assert found == {(1, 1)}
