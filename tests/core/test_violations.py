"""KPI 22, its three stages, on violations short enough to check by hand."""

from __future__ import annotations

import pytest

from audit.contributions import contributions
from core.cells import Counters, add, on_time
from core.engine import Engine
from core.events import Event, Value
from core.kpis import by_id
from core.moment import DAY, MINUTE, SECOND
from core.rows import Status
from core.violations import Recorded, Violation, counting
from tests.core.stories import event, newest, routed, row, told, wib

FOLLOWED = "etle_followup_pct"
KPI = by_id()[FOLLOWED]
GOOD, BAD = {"n": 1, "d": 1}, {"d": 1}
FRIDAY = wib("2026-11-20T00:00")


def validated(when: str = "2026-11-20T10:00", number: str = "1", **fields: Value) -> Event:
    given: dict[str, Value] = {
        "case_id": number, "camera_id": "c1", "intersection_id": "s1",
        "violation_class": "red_light", **fields,
    }  # fmt: skip
    return event("violation.validated", wib(when), "operator_console", "", **given)


def forwarded(when: str, number: str = "1") -> Event:
    return event("violation.forwarded", wib(when), "operator_console", case_id=number)


def made(*events: Event) -> Violation:
    found = Violation.of(events)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("steps", "counters"),
    [
        pytest.param([forwarded("2026-11-20T10:05")], GOOD, id="at once"),
        pytest.param([forwarded("2026-11-21T10:00")], GOOD, id="last instant"),
        pytest.param([forwarded("2026-11-21T10:00:00.001")], BAD, id="a moment late"),
        pytest.param([], BAD, id="never"),
        pytest.param(
            [forwarded("2026-11-22T10:00"), forwarded("2026-11-20T11:00")], GOOD, id="sent twice"
        ),
        pytest.param(
            [validated("2026-11-21T09:00"), forwarded("2026-11-22T08:00")], BAD,
            id="validated again: the clock stands",
        ),
    ],
)  # fmt: skip
def test_forwarded_within_24_hours_of_validation(
    steps: list[Event], counters: dict[str, int]
) -> None:
    (share,) = KPI.shares(Recorded.of(made(*steps, validated())))
    assert (share.at, share.counters) == (wib("2026-11-20T10:00"), counters)


def test_only_what_was_validated_is_a_violation() -> None:
    assert Violation.of([forwarded("2026-11-20T10:00")]) is None


def test_it_is_of_its_intersection_and_class() -> None:
    assert made(validated()).scopes == {
        "city": "city", "intersection": "s1", "category": "red_light",
    }  # fmt: skip
    nowhere = made(validated(intersection_id="", violation_class="")).scopes
    assert (nowhere["intersection"], nowhere["category"]) == ("unlocated", "unknown")


def test_no_violation_is_no_value() -> None:
    beat = event("source.heartbeat", FRIDAY, "operator_console")
    found = row(told([(FRIDAY, []), (FRIDAY + DAY, [beat])]), FOLLOWED, "1d", FRIDAY)
    assert (found.denominator, found.value, found.status) == (0, None, Status.NO_DATA)


def test_a_day_grows_until_the_last_of_its_violations_had_its_24_hours() -> None:
    late = validated("2026-11-20T23:59:59.999", "2")
    segments = [
        (FRIDAY, []),
        (FRIDAY + DAY, [validated(), forwarded("2026-11-20T12:00"), late]),
        (FRIDAY + 2 * DAY, [forwarded("2026-11-21T23:59:59.999", "2")]),
    ]
    assert row(told(segments[:2]), FOLLOWED, "1d", FRIDAY).value == "50.00"
    assert row(told(segments), FOLLOWED, "1d", FRIDAY).value == "100.00"


def test_fewer_than_five_at_an_intersection_are_not_shown() -> None:
    events = [validated(f"2026-11-20T10:0{n}", str(n)) for n in range(5)]
    events.append(validated(number="other", intersection_id="s2"))
    rows = newest(told([(FRIDAY, []), (FRIDAY + DAY, events)]))
    found = {name: rows[FOLLOWED, "1d", "intersection", name, FRIDAY] for name in ("s1", "s2")}
    assert {name: one.status for name, one in found.items()} == {
        "s1": Status.OK, "s2": Status.INSUFFICIENT,
    }  # fmt: skip
    assert found["s2"].value is None


def later(what: str, when: str, number: str = "1") -> Event:
    return event(f"violation.{what}", wib(when), "satlantas", case_id=number)


FORWARDED = forwarded("2026-11-20T11:00")
LETTER = later("letter_sent", "2026-11-23T09:00")
ANSWER = later("confirmed", "2026-11-27T09:00")


@pytest.mark.parametrize(
    ("steps", "letter", "confirmed"),
    [
        pytest.param([], None, None, id="never forwarded: in neither cohort"),
        pytest.param([FORWARDED], BAD, None, id="no letter yet"),
        pytest.param([FORWARDED, LETTER], GOOD, BAD, id="no answer yet"),
        pytest.param([FORWARDED, LETTER, ANSWER], GOOD, GOOD, id="answered"),
        pytest.param([LETTER, ANSWER], None, GOOD, id="the police had it from elsewhere"),
        pytest.param([FORWARDED, ANSWER], BAD, None, id="an answer to no letter"),
    ],
)
def test_a_later_stage_counts_what_came_so_far(
    steps: list[Event], letter: Counters | None, confirmed: Counters | None
) -> None:
    case = Recorded.of(made(validated(), *steps))
    for kpi, expected in (("etle_letter_pct", letter), ("etle_confirmed_pct", confirmed)):
        found = [(share.at, share.counters) for share in by_id()[kpi].shares(case)]
        at = case.validated_at
        assert found == ([] if expected is None else [(at, expected)])


def test_without_the_feed_of_the_police_the_later_stages_are_not_integrated() -> None:
    segments = [(FRIDAY, []), (FRIDAY + DAY, [validated(), FORWARDED])]
    said = told(segments)
    assert row(said, FOLLOWED, "1d", FRIDAY).status is Status.OK
    for kpi in ("etle_letter_pct", "etle_confirmed_pct"):
        found = row(said, kpi, "1d", FRIDAY)
        assert (found.value, found.status) == (None, Status.NOT_INTEGRATED)


def test_with_the_feed_of_the_police_no_letter_is_nought() -> None:
    beat = event("source.heartbeat", FRIDAY, "satlantas")
    said = told([(FRIDAY, []), (FRIDAY + DAY, [validated(), FORWARDED, beat])])
    found = row(said, "etle_letter_pct", "1d", FRIDAY)
    assert (found.denominator, found.value, found.status) == (1, "0.00", Status.OK)


@pytest.mark.parametrize(("cases", "followed", "value"), [(2777, 170, "6.12"), (170, 32, "18.82")])
def test_g9_the_baseline_of_the_police(cases: int, followed: int, value: str) -> None:
    counters: Counters = {}
    for number in range(cases):
        add(counters, on_time(number < followed))
    found = KPI.measure(counters, FRIDAY + DAY)
    assert (found.numerator, found.denominator, found.value) == (followed, cases, value)


SEEN = wib("2026-11-20T09:00")


def recorded(
    number: str, after: int = 0, *steps: Event, when: str = "2026-11-20T10:00", **fields: Value
) -> list[Event]:
    """A validated violation that the camera recorded some time after the first, and its steps."""
    given: dict[str, Value] = {"plate_hash": "p1:a", "recorded_at": SEEN + after, **fields}
    return [validated(when, number, **given), *steps]


def counted(*violations: list[Event]) -> dict[str, Recorded]:
    groups: dict[str, list[Recorded]] = {}
    for events in violations:
        one = Recorded.of(made(*events))
        groups.setdefault(one.group, []).append(one)
    return {one.case_id: one for group in groups.values() for one in counting(group)}


@pytest.mark.parametrize(
    ("second", "names"),
    [
        pytest.param(recorded("2", MINUTE), "1", id="60 seconds later: the same"),
        pytest.param(recorded("2", MINUTE + 1), "12", id="a moment more: another"),
        pytest.param(recorded("2", plate_hash="p1:b"), "12", id="another plate"),
        pytest.param(recorded("2", plate_hash=None), "12", id="no plate is nobody's copy"),
        pytest.param(recorded("2", camera_id="c2"), "12", id="another camera"),
        pytest.param(recorded("2", violation_class="no_helmet"), "12", id="another class"),
        pytest.param(recorded("2", recorded_at=None), "12", id="nobody knows when"),
        pytest.param(
            recorded("2", 5 * MINUTE, when="2026-11-20T10:00:01"), "12",
            id="validated together, recorded apart",
        ),
        pytest.param(recorded("0", -MINUTE), "0", id="the earlier one counts"),
    ],
)  # fmt: skip
def test_one_plate_class_and_camera_within_60_seconds_is_one_violation(
    second: list[Event], names: str
) -> None:
    assert counted(recorded("1"), second).keys() == set(names)
    assert counted(second, recorded("1")).keys() == set(names)


def test_60_seconds_count_from_the_one_that_counts() -> None:
    found = counted(*(recorded(str(n), n * 40 * SECOND) for n in range(4)))
    assert found.keys() == {"0", "2"}


def test_what_was_done_with_a_copy_was_done_with_the_violation() -> None:
    letter = later("letter_sent", "2026-11-23T09:00", "2")
    answer = later("confirmed", "2026-11-27T09:00", "3")
    one = counted(
        recorded("1", 0, when="2026-11-20T11:00"),
        recorded("2", SECOND, forwarded("2026-11-21T10:00", "2"), letter),
        recorded("3", MINUTE, forwarded("2026-11-21T10:30", "3"), answer, when="2026-11-20T10:30"),
    )["1"]
    # The first of them was validated at 10:00.
    assert (one.validated_at, one.forwarded_in_time) == (wib("2026-11-20T10:00"), True)
    assert one.reached("letter_sent")
    assert one.reached("confirmed")
    late = counted(
        recorded("1", 0, when="2026-11-20T09:30"),
        recorded("2", 0, forwarded("2026-11-21T10:00", "2")),
    )["1"]
    assert not late.forwarded_in_time


@pytest.mark.parametrize("partitions", [1, 4])
def test_copies_in_several_partitions_are_counted_once(partitions: int) -> None:
    events = [one for number in range(6) for one in recorded(str(number), number * SECOND)]
    late = [forwarded("2026-11-20T12:00", "5")]
    said = told([(FRIDAY + DAY, events), (FRIDAY + DAY + MINUTE, late)], partitions)
    found = row(said, FOLLOWED, "1d", FRIDAY)
    assert (found.numerator, found.denominator, found.revision) == (1, 1, 1)


def test_the_one_that_counts_is_named_to_whoever_asks() -> None:
    engine = Engine(2)
    events = [*recorded("1"), *recorded("2", SECOND), *recorded("3", 2 * MINUTE)]
    for number, part in enumerate(routed(events, 2)):
        engine.apply(number, part)
    list(engine.tick(FRIDAY + DAY, {}))
    found = contributions(engine, KPI, ("city", "city"), (FRIDAY, FRIDAY + DAY))
    assert [(one.name, one.counters) for one in found] == [("1", BAD), ("3", BAD)]
