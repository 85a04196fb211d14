"""Truth of what stands beside the numbers, where a story made by hand shows the rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.moment import HOUR, MINUTE
from sim.cases import Complaint, Duty, Step
from sim.signals import Turn
from sim.story import Story
from sim.truth import alerts, breaches, handling, signals
from sim.truth.kpi import Beside, Truth
from sim.truth.ranks import hours, nearest_rank, seconds, share
from sim.truth.windows import CITY, Row, Scope, Window, ending
from sim.watch import Watch
from tests.sim.making import complaint, step, wib

END = wib("2026-11-21T00:00")
EMPTY = Story(END - 24 * HOUR, END, [], [], [], [], Watch(), {})
FIRST = wib("2026-11-19T10:00")
"""Of an alarm whose 24 hours end on the day."""


def beside(truths: tuple[Truth, ...], kpi: str, story: Story, name: str = "1d",
           scope: Scope = CITY) -> Beside:  # fmt: skip
    truth = next(truth for truth in truths if truth.kpi == kpi)
    window: Window = ending(name, END)
    row = Row(kpi, name, *scope, window.start, window.end, 0, 0)
    return truth.beside(replace(story), row)


@pytest.mark.parametrize(
    ("numbers", "percent", "found"),
    [([], 50, None), ([7], 90, 7), ([1, 2, 3, 4], 50, 2), (list(range(1, 11)), 90, 9),
     (list(range(1, 12)), 90, 10)],
)  # fmt: skip
def test_nearest_rank(numbers: list[int], percent: int, found: int | None) -> None:
    assert nearest_rank(numbers, percent) == found


def test_as_it_is_shown() -> None:
    assert (seconds(90), hours(5_400), share(1, 8)) == ("90.00", "1.50", "12.50")
    assert (seconds(None), hours(None), share(0, 0)) == (None, None, None)
    assert seconds(-5) == "-5.00"


def sent(*turns: tuple[str, int], cause: str | None = None) -> Beside:
    """Minutes after the first alarm."""
    made = [Turn("x", what, FIRST + after * MINUTE) for what, after in turns]
    story = replace(EMPTY, turns=[Turn("x", "alarm", FIRST, cause), *made])
    return beside(signals.TRUTHS, signals.KPI, story)


@pytest.mark.parametrize(
    ("turns", "percent"),
    [
        pytest.param([], None, id="nobody tells of a team"),
        pytest.param([("sent", 60)], "100.00", id="on the dot"),
        pytest.param([("sent", 61)], "0.00", id="late"),
        pytest.param([("sent", 30), ("sent", 90)], "100.00", id="the first counts"),
        pytest.param([("seen", 20), ("sent", 30)], None, id="it worked again before"),
        pytest.param([("said", 20), ("sent", 30)], "100.00", id="a claim is no proof"),
        pytest.param([("seen", 20), ("alarm", 25), ("sent", 30)], "100.00", id="it failed again"),
    ],
)
def test_teams_within_the_hour(turns: list[tuple[str, int]], percent: str | None) -> None:
    nobody = {"power_cut": "0", "known_by_citizen": "0", "known_by_camera": "0"}
    assert sent(*turns) == nobody | {"dispatch_1h_pct": percent}


def test_a_power_cut_is_counted() -> None:
    assert sent(cause="pln")["power_cut"] == "1"


def alert(number: int, raised: str, answered: int | None) -> Duty:
    begin = wib(f"2026-11-20T{raised}")
    first = Step("raised", begin, {"severity": "high", "alert_class": "flood"})
    taken = [] if answered is None else [Step("acknowledged", begin + answered * 1_000_000)]
    return Duty("operator_console", str(number), "", [first, *taken])


def test_a_shift_with_five_alerts_has_a_p90_of_its_own() -> None:
    story = replace(EMPTY, alerts=[
        *(alert(n, "07:59", 10 * n) for n in range(1, 6)),
        *(alert(n, "08:00", 100 * n) for n in range(6, 10)),
        *(alert(n, "16:00", 20) for n in range(10, 14)), alert(14, "23:00", None),
    ])  # fmt: skip
    assert beside(alerts.TRUTHS, alerts.KPI, story) == {
        "p50_seconds": "30.00", "unanswered": "1", "p90_night_seconds": "50.00",
        "p90_day_seconds": None, "p90_evening_seconds": "1800.00",
    }  # fmt: skip


def reports(count: int, when: str) -> list[Complaint]:
    return [complaint(when, category="sampah", number=f"{when}/{n}") for n in range(count)]


UTILITY = "env_utility_24h_resolution_pct"


def surges(*filed: list[Complaint]) -> Beside:
    story = replace(EMPTY, complaints=[one for some in filed for one in some])
    return beside(handling.TRUTHS, UTILITY, story)


def test_over_three_times_the_hour_that_was_usual_is_a_surge() -> None:
    # 22 hours of 2,160 with a report are more than one in a hundred: one report an hour is usual.
    usual = [one for day in range(1, 12) for hour in (9, 10)
             for one in reports(1, f"2026-11-{day:02d}T{hour:02d}:30")]  # fmt: skip
    assert surges(usual, reports(3, "2026-11-20T09:00"))["surge_hours"] == "0"
    assert surges(usual, reports(4, "2026-11-20T09:00"))["surge_hours"] == "1"
    assert surges(usual[1:], reports(4, "2026-11-20T09:00"))["surge_hours"] is None


def test_floods_are_of_the_city_alone() -> None:
    story = replace(EMPTY, complaints=[
        complaint("2026-11-19T08:00", step("resolved", "2026-11-20T08:00"), category="banjir"),
        complaint("2026-11-19T09:00", category="drainase", number="2"),
        complaint("2026-11-19T09:00", step("withdrawn", "2026-11-19T10:00"), category="banjir",
                  number="3"),
        complaint("2026-11-20T09:00", category="banjir", number="4"),
    ])  # fmt: skip
    told = beside(handling.TRUTHS, UTILITY, story)
    assert (told["floods"], told["floods_24h_pct"]) == ("2", "50.00")
    told = beside(handling.TRUTHS, UTILITY, story, scope=("kecamatan", "15.71.07"))
    assert set(told.values()) == {None}


def test_personal_data_is_counted_by_event_and_day() -> None:
    hidden = Step("responded", wib("2026-11-20T09:00"), {"text": "call [phone]"})
    filed = complaint("2026-11-19T09:00", step("forwarded", "2026-11-20T08:00"), hidden)
    story = replace(EMPTY, complaints=[filed], turns=[Turn("x", "alarm", END - HOUR, "[phone]"),
                                                      Turn("x", "seen", END - MINUTE)])  # fmt: skip
    told = beside(breaches.TRUTHS, breaches.KPI, story)
    assert told == {"pii_events_per_million": "500000.00"}
    assert beside(breaches.TRUTHS, breaches.KPI, EMPTY) == {"pii_events_per_million": None}
