"""Storms of alerts (KPI 26): what is raised at one place at one time is answered once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from audit.contributions import contributions
from core import storms as module
from core.alerts import Severe
from core.cells import BESIDE
from core.engine import Engine
from core.events import Event
from core.join import Join
from core.kpis import by_id
from core.land import FARTHEST_M
from core.moment import DAY, HOUR, MINUTE, SECOND
from core.storms import Sky, Storm, storms
from core.triangulation import distance_m
from tests.core.kept import Cells
from tests.core.stories import METRE, PLACE, at, event, newest, routed, row, told

P90 = "alert_ack_seconds_p90"
KPI = by_id()[P90]
RAISED = at("10:00")
FRIDAY = at("00:00")
BIT = 1
"""The smallest step of time."""


def alert(
    name: str, after: int = 0, north: float | None = 0, *, taken: int | None = None,
    sort: str = "congestion", left_out: str | None = None,
) -> Severe:  # fmt: skip
    """An alert so long after 10:00 and so many metres north; `taken` on so long after 10:00."""
    lat, lon = (None, None) if north is None else (PLACE[0] + north * METRE, PLACE[1])
    answer = None if taken is None else RAISED + taken
    return Severe(name, sort, RAISED + after, answer, left_out, lat, lon)


def names(alerts: list[Severe]) -> list[str]:
    return [storm.name for storm in storms(alerts)]


@pytest.mark.parametrize(
    ("second", "together"),
    [
        pytest.param(alert("b", MINUTE), True, id="60 seconds later"),
        pytest.param(alert("b", MINUTE + BIT), False, id="a moment more"),
        pytest.param(alert("b", 0), True, id="at the same time"),
        pytest.param(alert("b", 0, 149.9), True, id="150 metres away"),
        pytest.param(alert("b", 0, 150.1), False, id="farther"),
        pytest.param(alert("b", MINUTE, -149.9), True, id="both, on the other side"),
        pytest.param(alert("b", 0, None), False, id="without a place"),
        pytest.param(alert("b", sort="flood"), True, id="of another class"),
        pytest.param(alert("b", left_out="test"), False, id="a test"),
        pytest.param(alert("b", left_out="auto_resolved"), False, id="gone by itself"),
        pytest.param(alert("b", taken=5 * SECOND), True, id="answered"),
    ],
)
def test_what_is_of_one_storm(second: Severe, *, together: bool) -> None:
    expected = ["a+b"] if together else ["a", "b"]
    assert names([alert("a"), second]) == expected
    assert names([second, alert("a")]) == expected


@pytest.mark.parametrize(
    ("alerts", "found"),
    [
        pytest.param(
            [alert("a"), alert("b", 40 * SECOND), alert("c", 80 * SECOND)],
            ["a+b", "c"], id="a storm does not go on for ever",
        ),
        pytest.param(
            [alert("a"), alert("b", SECOND, 100), alert("c", 2 * SECOND, 200)],
            ["a+b", "c"], id="nor does it wander",
        ),
        pytest.param(
            [alert("a"), alert("b", SECOND, 200), alert("c", 2 * SECOND, 100)],
            ["a+c", "b"], id="between two storms: the earlier",
        ),
        pytest.param(
            [alert("b", 0), alert("a", 0, 200), alert("c", 2 * SECOND, 100)],
            ["a+c", "b"], id="of one instant: by name",
        ),
        pytest.param(
            [alert("a", left_out="test"), alert("b", SECOND), alert("c", 61 * SECOND)],
            ["a", "b+c"], id="what is left out opens none",
        ),
        pytest.param(
            [alert("a", north=None), alert("b", north=None)], ["a", "b"],
            id="nobody knows where: alone",
        ),
        pytest.param(
            [alert("a", -MINUTE), alert("b"), alert("c", MINUTE), alert("d", 2 * MINUTE)],
            ["a+b", "c+d"], id="every minute: two and two",
        ),
    ],
)  # fmt: skip
def test_in_order_of_time_each_belongs_to_the_first_that_opened(
    alerts: list[Severe], found: list[str]
) -> None:
    assert names(alerts) == found
    assert names(alerts[::-1]) == found


def counters(storm: Storm) -> dict[str, int]:
    (share,) = KPI.shares(storm)
    assert share.at == RAISED + 30 * MINUTE
    return {n: v for n, v in share.counters.items() if not n.startswith(BESIDE)}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param((90, None), {"s#90": 1}, id="the first was"),
        pytest.param((None, 90), {"s#90": 1}, id="the second was: since the first was raised"),
        pytest.param((90, 70), {"s#70": 1}, id="both were: the earliest"),
        pytest.param((20, None), {"s#20": 1}, id="before the second was raised"),
        pytest.param((None, 20), {"s#20": 1}, id="with the first one's click, so before it was"),
        pytest.param((None, None), {"s#1800": 1, "by:unanswered": 1}, id="none was"),
        pytest.param((None, 1800), {"s#1800": 1}, id="at the half hour of the first"),
        pytest.param((2000, 1801), {"s#1800": 1, "by:unanswered": 1}, id="later"),
        pytest.param((90, -1), {"x:negative_duration": 1}, id="before there was anything"),
    ],
)
def test_it_waits_from_its_first_alert_to_its_first_answer(
    answers: tuple[int | None, int | None], expected: dict[str, int]
) -> None:
    first, second = (None if one is None else one * SECOND for one in answers)
    (storm,) = storms([alert("a", taken=first), alert("b", MINUTE, taken=second)])
    assert counters(storm) == expected


def test_it_is_of_the_shift_that_was_on_duty_when_it_was_opened() -> None:
    eve = at("15:59:30") - RAISED
    (storm,) = storms([alert("a", eve), alert("b", eve + MINUTE)])
    assert storm.shift == "day"


def raised(number: int, clock: str, **more: str | float) -> Event:
    fields: dict[str, str | float] = {
        "severity": "high", "alert_class": "congestion", "lat": PLACE[0], "lon": PLACE[1], **more
    }  # fmt: skip
    name = f"a{number}"
    return event("alert.raised", at(clock), "operator_console", "", case_id=name, **fields)


def taken(number: int, clock: str) -> Event:
    return event("alert.acknowledged", at(clock), "operator_console", case_id=f"a{number}")


@pytest.mark.parametrize("partitions", [1, 4])
def test_alerts_in_several_partitions_are_one_storm(partitions: int) -> None:
    events = [raised(n, f"10:00:0{n}") for n in range(6)]
    said = told([(FRIDAY + DAY, events), (FRIDAY + DAY + MINUTE, [taken(5, "10:01")])], partitions)
    found = row(said, P90, "1d", FRIDAY)
    assert (found.numerator, found.denominator, found.revision) == (60, 1, 1)
    assert found.companions["unanswered"] == "0"


def test_each_class_has_it_and_the_city_has_it_once() -> None:
    events = [raised(0, "10:00"), raised(1, "10:00:30", alert_class="flood"), taken(1, "10:01")]
    events += [raised(2, "10:01", alert_class="flood"), raised(3, "12:00", alert_class="flood")]
    rows = newest(told([(FRIDAY, []), (FRIDAY + DAY, events)], 2))
    found = {
        scope: (one.numerator, one.denominator)
        for scope in (("city", "city"), ("category", "congestion"), ("category", "flood"))
        for one in (rows[P90, "1d", *scope, FRIDAY],)
    }
    assert found == {
        ("city", "city"): (1800, 2), ("category", "congestion"): (60, 1),
        ("category", "flood"): (1800, 2),
    }  # fmt: skip


def test_an_alert_of_low_severity_is_of_no_storm() -> None:
    events = [raised(0, "09:59:50", severity="low"), raised(1, "10:00"), taken(0, "09:59:55")]
    found = row(told([(FRIDAY, []), (FRIDAY + DAY, events)], 2), P90, "1d", FRIDAY)
    assert (found.numerator, found.denominator) == (1800, 1)


def test_its_alerts_are_named_to_whoever_asks() -> None:
    engine = Engine(2, archive=True)
    events = [raised(0, "10:00"), raised(1, "10:00:30"), raised(2, "10:01:01")]
    for number, part in enumerate(routed([*events, taken(1, "10:00:40")], 2)):
        engine.apply(number, part)
    for days in (1, 20, 21, 112):
        list(engine.tick(FRIDAY + days * DAY, {}))
    assert not any(join.known for join in engine.joins)
    found = contributions(engine, KPI, ("city", "city"), (FRIDAY, FRIDAY + DAY))
    assert [(one.name, one.counters) for one in found] == [
        ("a0+a1", {"s#40": 1}), ("a2", {"s#1800": 1, "by:unanswered": 1}),
    ]  # fmt: skip


def test_what_is_near_is_found_by_pieces_of_land() -> None:
    assert module.METRES <= FARTHEST_M


# --- whatever comes in whatever order -------------------------------------------------------------

_some = st.builds(
    alert,
    st.just(""),
    st.integers(0, 12).map(lambda n: n * 20 * SECOND),
    st.none() | st.integers(0, 6).map(lambda n: n * 75.0),
    taken=st.none() | st.integers(-1, 4).map(lambda n: n * MINUTE),
    sort=st.sampled_from(("congestion", "flood")),
    left_out=st.sampled_from((None, None, None, "test")),
)


@dataclass(frozen=True)
class Change:
    """An alert is told under a name, or (None) taken back; after some of them a tick."""

    name: str
    value: Severe | None
    ticks: bool


def _change(name: str, value: Severe | None, ticks: bool) -> Change:
    return Change(name, None if value is None else replace(value, case_id=name), ticks)


_changes = st.lists(
    st.builds(_change, st.sampled_from("abcdefghij"), st.none() | _some, st.booleans()), max_size=25
)


def apart(alerts: list[Severe]) -> list[tuple[str, ...]]:
    """The storms by looking at all pairs, without land and without queues."""
    found: list[list[Severe]] = []
    for one in sorted(alerts, key=lambda a: (a.raised_at, a.case_id)):
        for storm in found:
            first = storm[0]
            if one.left_out or first.left_out or not one.place or not first.place:
                continue
            near = distance_m(one.place, first.place) <= 150
            if near and one.raised_at - first.raised_at <= 60 * SECOND:
                storm.append(one)
                break
        else:
            found.append([one])
    return [tuple(one.case_id for one in storm) for storm in found]


@given(_changes)
def test_storms_are_those_that_all_pairs_give(changes: list[Change]) -> None:
    known = {one.name: one.value for one in changes if one.value is not None}
    found = storms(known.values())
    assert [tuple(a.case_id for a in storm.alerts) for storm in found] == apart([*known.values()])
    sky = Sky()
    for name, value in known.items():
        sky.put(name, value)
    opened = {name: faces[0].alerts for name, faces in sky.changed() if faces}
    assert opened == {storm.alerts[0].case_id: storm.alerts for storm in found}


def say(join: Join, name: str, value: Severe | None) -> None:
    join.state("alert", name, value)


@given(_changes)
def test_whatever_was_said_before_only_what_stands_counts(changes: list[Change]) -> None:
    """Changed and taken back, told at once or tick by tick, twice or once: the same cells."""
    step, cells, tick = Join(), Cells(), RAISED + HOUR
    for change in changes:
        say(step, change.name, change.value)
        say(step, change.name, change.value)
        if change.ticks:
            tick += MINUTE
            cells.take(step.close(tick))
    cells.take(step.close(tick + MINUTE))
    stands = {one.name: one.value for one in changes}
    once, expected = Join(), Cells()
    for name, value in sorted(stands.items(), reverse=True):
        say(once, name, value)
    expected.take(once.close(RAISED + HOUR))
    assert cells.total == expected.total
    restored = Join()
    records = {at: (tick, [made]) for at, made in step.known.items()}
    restored.restore(records, tick + MINUTE)
    assert restored._ledger.cells == {k: v for k, v in step._ledger.cells.items() if v}


@given(_changes, st.integers(0, 12))
def test_what_comes_later_changes_no_earlier_choice(changes: list[Change], until: int) -> None:
    known = [one.value for one in {c.name: c for c in changes}.values() if one.value is not None]
    cut = RAISED + until * 20 * SECOND
    before = [one for one in known if one.raised_at <= cut]
    whole = [tuple(a.case_id for a in s.alerts if a.raised_at <= cut) for s in storms(known)]
    found = [tuple(a.case_id for a in s.alerts) for s in storms(before)]
    assert [storm for storm in whole if storm] == found
