"""KPI 23 on failures of data protection short enough to check by hand."""

from __future__ import annotations

import pytest

from core import moment
from core.breaches import Breach
from core.events import Event, Value
from core.kpis import by_id
from core.moment import DAY
from core.rows import KpiRow, Status
from tests.core.stories import event, row, told, wib

NOTICE = "privacy_breach_notice_on_time_pct"
KPI = by_id()[NOTICE]
GOOD, BAD = {"n": 1, "d": 1}, {"d": 1}
KNOWN = "2026-03-18T10:00"
"""A Wednesday before Idulfitri: the 72 hours end on Saturday the 21st, a holiday."""
DUE = "2026-03-21"


def detected(when: str = KNOWN, system: str = "sikesal", number: str = "1") -> Event:
    fields: dict[str, Value] = {"case_id": number, "system": system}
    return event("privacy.breach_detected", wib(when), "dpo_log", "", **fields)


def notice(when: str, recipient: str, number: str = "1") -> Event:
    fields: dict[str, Value] = {"case_id": number, "recipient": recipient}
    return event("privacy.notice_sent", wib(when), "dpo_log", f"{recipient}:{when}", **fields)


BOTH = [notice("2026-03-19T09:00", "subject"), notice("2026-03-19T10:00", "authority")]


@pytest.mark.parametrize(
    ("notices", "counters"),
    [
        pytest.param(BOTH, GOOD, id="both"),
        pytest.param(BOTH[:1], BAD, id="only the people"),
        pytest.param(BOTH[1:], BAD, id="only the authority"),
        pytest.param([], BAD, id="nobody"),
        pytest.param([BOTH[0], notice("2026-03-21T10:00", "authority")], GOOD, id="last instant"),
        pytest.param(
            [BOTH[0], notice("2026-03-21T10:00:00.001", "authority")], BAD, id="a moment late"
        ),
        pytest.param(
            [notice("2026-03-21T10:00:00.001", "subject"), BOTH[1]], BAD, id="the other late"
        ),
        pytest.param(
            [*BOTH, notice("2026-03-25T10:00", "authority")], GOOD, id="told again later"
        ),
        pytest.param([BOTH[0], notice("2026-03-19T10:00", "press")], BAD, id="the press is none"),
        pytest.param(
            [*BOTH, detected("2026-03-20T10:00")], GOOD, id="detected again: the clock stands"
        ),
        pytest.param(
            [detected("2026-03-20T10:00"), BOTH[0], notice("2026-03-22T10:00", "authority")], BAD,
            id="detected again: no later clock",
        ),
    ],
)  # fmt: skip
def test_both_are_told_within_72_hours_of_the_first_detection(
    notices: list[Event], counters: dict[str, int]
) -> None:
    made = Breach.of([*notices, detected()])
    assert made is not None
    (share,) = KPI.shares(made)
    assert (share.at, share.counters) == (wib(f"{DUE}T10:00"), counters)


def test_the_channel_is_the_system_that_failed_first() -> None:
    made = Breach.of([detected("2026-03-19T10:00", "sipaten"), detected()])
    assert made is not None
    assert made.scopes == {"city": "city", "channel": "sikesal"}


def test_a_notice_of_an_unknown_breach_makes_no_case() -> None:
    assert Breach.of(BOTH) is None


END = wib(f"{DUE}T00:00") + DAY
"""Midnight that ends the due day."""


def beat(when: int) -> Event:
    return event("source.heartbeat", when, "dpo_log")


def published(*events: Event, days: int = 1) -> KpiRow:
    """The city's row of the days up to the due day, with a heartbeat on each of them."""
    start = END - days * DAY
    heard = [beat(start + n * DAY) for n in range(days)]
    said = told([(start, []), (END, [*events, *heard])])
    return row(said, NOTICE, "1d" if days == 1 else f"{days}d", start)


@pytest.mark.parametrize("days", [1, 90])
def test_g8_no_breach_while_the_log_is_alive_is_no_data(days: int) -> None:
    found = published(days=days)
    assert (found.numerator, found.denominator, found.value) == (0, 0, None)
    assert (found.status, found.completeness) == (Status.NO_DATA, "1.0000")


def test_g8_no_breach_while_the_log_is_silent_is_source_down() -> None:
    said = told([(END - DAY, [beat(END - 2 * DAY)]), (END, [])])
    found = row(said, NOTICE, "1d", END - DAY)
    assert (found.value, found.status, found.completeness) == (None, Status.SOURCE_DOWN, "0.0000")


def test_one_of_two_told_is_a_half() -> None:
    found = published(detected(), detected(number="2"), *BOTH)
    assert (found.numerator, found.denominator, found.value) == (1, 2, "50.00")


def test_the_year_is_a_civil_year_of_jambi() -> None:
    end = wib("2027-01-01T00:00")
    for known, breaches in (("2026-12-28T23:59:59.999", 1), ("2026-12-29T00:00", 0)):
        said = told([(end - DAY, []), (end, [detected(known)])])
        assert row(said, NOTICE, "year", wib("2026-01-01T00:00")).denominator == breaches


def test_it_is_final_after_a_day_and_ten_working_days() -> None:
    # 21 March is in the week of Idulfitri: working days go on with the 25th.
    final = KPI.final_at(wib("2026-03-22T00:00"))
    assert moment.rfc3339(final) == "2026-04-08T16:59:59.999000Z"
