"""KPI 26 on alerts short enough to check by hand."""

from __future__ import annotations

import pytest

from core.alerts import Alert, Severe
from core.cells import BESIDE, Counters, add
from core.events import Event, Value
from core.kpis import by_id
from core.kpis.alerts import UNANSWERED
from core.moment import DAY, HOUR
from core.rows import Finality, Status
from core.storms import Storm
from tests.core.stories import at, event, row, told

P90 = "alert_ack_seconds_p90"
KPI = by_id()[P90]
RAISED = "10:00"
FRIDAY = at("00:00")


def raised(clock: str = RAISED, number: str = "1", severity: str = "high", **more: Value) -> Event:
    fields: dict[str, Value] = {
        "case_id": number, "severity": severity, "alert_class": "congestion", **more,
    }  # fmt: skip
    return event("alert.raised", at(clock), "operator_console", "", **fields)


def acknowledged(clock: str, number: str = "1") -> Event:
    return event("alert.acknowledged", at(clock), "operator_console", case_id=number)


def resolved(clock: str, *, automatic: bool | None = True) -> Event:
    fields: dict[str, Value] = {"case_id": "1", "automatic": automatic}
    return event("alert.resolved", at(clock), "operator_console", "", **fields)


def severe(*events: Event) -> Severe:
    made = Alert.of(events)
    assert made is not None
    told = Severe.of(made)
    assert told is not None
    return told


def shares(*events: Event) -> list[tuple[int, Counters]]:
    found = []
    for share in KPI.shares(Storm.of([severe(*events)])):
        beside = (UNANSWERED, BESIDE)
        counters = {n: v for n, v in share.counters.items() if not n.startswith(beside)}
        found.append((share.at, counters))
    return found


def lasted(seconds: int) -> dict[str, int]:
    return {f"s#{seconds}": 1}


def out(reason: str) -> dict[str, int]:
    return {f"x:{reason}": 1}


@pytest.mark.parametrize(
    ("steps", "counters"),
    [
        pytest.param([acknowledged("10:01:30")], lasted(90), id="90 seconds"),
        pytest.param([acknowledged("10:00")], lasted(0), id="at once"),
        pytest.param([acknowledged("10:00:00.999")], lasted(0), id="whole seconds, cut"),
        pytest.param(
            [acknowledged("10:05"), acknowledged("10:01")], lasted(60), id="the first counts"
        ),
        pytest.param([acknowledged("10:29:59.999")], lasted(1799), id="just before the half hour"),
        pytest.param([acknowledged("10:30")], lasted(1800), id="at the half hour"),
        pytest.param([acknowledged("11:00")], lasted(1800), id="after it"),
        pytest.param([], lasted(1800), id="never"),
        pytest.param([acknowledged("09:59:59.999")], out("negative_duration"), id="before it was"),
        pytest.param([resolved("10:00:29.999")], out("auto_resolved"), id="gone in under 30 s"),
        pytest.param([resolved("10:00:30")], lasted(1800), id="gone after 30 s"),
        pytest.param(
            [acknowledged("10:00:10"), resolved("10:00:20")], out("auto_resolved"),
            id="gone, though somebody was quicker",
        ),
        pytest.param([resolved("10:00:20", automatic=False)], lasted(1800), id="ended by hand"),
        pytest.param([resolved("10:00:20", automatic=None)], lasted(1800), id="nobody says how"),
        pytest.param([resolved("09:59:59")], lasted(1800), id="over before it was raised"),
        pytest.param(
            [raised("10:01"), acknowledged("10:02")], lasted(120), id="raised again: clock stands"
        ),
    ],
)  # fmt: skip
def test_seconds_until_an_operator_took_it_on(steps: list[Event], counters: dict[str, int]) -> None:
    assert shares(*steps, raised()) == [(at("10:30"), counters)]


@pytest.mark.parametrize(
    ("severity", "counts"),
    [("low", 0), ("medium", 0), ("high", 1), ("critical", 1), ("other", 0)],
)
def test_only_high_and_above_must_be_answered(severity: str, counts: int) -> None:
    events = [raised(severity=severity), acknowledged("10:01")]
    found = row(told([(FRIDAY, []), (FRIDAY + DAY, events)]), P90, "1d", FRIDAY)
    assert found.denominator == counts


def test_a_test_is_left_out_and_what_is_said_to_be_none_is_not() -> None:
    answered = acknowledged("10:01")
    assert shares(raised(test=True), answered) == [(at("10:30"), out("test"))]
    for flag in (False, None):
        assert shares(raised(test=flag), answered) == [(at("10:30"), lasted(60))]


def test_an_answer_to_an_unknown_alert_makes_no_case() -> None:
    assert Alert.of([acknowledged("10:01")]) is None


def test_the_class_is_the_category() -> None:
    made = Alert.of([raised()])
    assert made is not None
    assert made.scopes == {"city": "city", "category": "congestion"}


def test_the_ninth_of_ten_is_the_number() -> None:
    counters: Counters = {}
    for minute in range(1, 11):
        (share,) = shares(raised(), acknowledged(f"10:{minute:02}"))
        add(counters, share[1])
    found = KPI.measure(counters, FRIDAY)
    assert (found.numerator, found.denominator, found.value) == (540, 10, "540.00")


def test_no_alert_is_no_value() -> None:
    beat = event("source.heartbeat", FRIDAY, "operator_console")
    found = row(told([(FRIDAY, []), (FRIDAY + DAY, [beat])]), P90, "1d", FRIDAY)
    assert (found.denominator, found.value, found.status) == (0, None, Status.NO_DATA)


def test_an_alert_is_in_the_hour_in_which_its_half_hour_ends() -> None:
    alerts = [raised("10:29:59.999", "1"), raised("10:30", "2"), acknowledged("10:31", "2")]
    said = told([(at("10:00"), []), (at("11:00"), alerts), (at("12:00"), [])])
    hours = [row(said, P90, "1h", at(clock)) for clock in ("10:00", "11:00")]
    assert [(one.numerator, one.denominator) for one in hours] == [(1800, 1), (60, 1)]


def test_too_many_tests_are_too_little_to_judge() -> None:
    alerts = [raised(f"10:0{n}", str(n), test=n < 2) for n in range(6)]
    found = row(told([(FRIDAY, []), (FRIDAY + DAY, alerts)]), P90, "1d", FRIDAY)
    assert (found.denominator, found.status) == (4, Status.INSUFFICIENT)
    assert found.excluded == {"test": 2}


def test_an_hour_is_final_after_a_day() -> None:
    assert KPI.final_at(at("11:00")) == at("11:00") + DAY
    answered = acknowledged("10:05")
    ticks = [(at("11:00"), [raised()]), (at("12:00"), [answered]), (at("11:00") + DAY + HOUR, [])]
    found = row(told([(at("10:00"), []), *ticks]), P90, "1h", at("10:00"))
    assert (found.value, found.finality) == ("300.00", Finality.FINAL)
