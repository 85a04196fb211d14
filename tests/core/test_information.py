"""KPI 15 on requests for information short enough to check by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core import moment
from core.events import Value
from core.information import InfoRequest
from core.kpis import by_id
from core.moment import DAY
from tests.core.stories import event, newest, told, wib

KPI = by_id()["info_request_on_time_pct"]
# Golden example G4: Monday 23 November 2026, 08:00; 10 working days end on 7 December (Monday),
# 17 on 16 December (Wednesday).
RECEIVED = "2026-11-23T08:00"
TEN, SEVENTEEN = "2026-12-07T23:59:59.999", "2026-12-16T23:59:59.999"
GOOD, BAD = {"n": 1, "d": 1}, {"d": 1}

Step = tuple[str, str, Mapping[str, Value]]


def request(*steps: Step) -> InfoRequest:
    events = [
        event(f"info.{what}", wib(when), "ppid", "", case_id="ppid:1", **fields)
        for what, when, fields in (("received", RECEIVED, {"opd": "dinkes"}), *steps)
    ]
    made = InfoRequest.of(reversed(events))
    assert made is not None
    return made


def answered(when: str, outcome: str = "granted", reason_code: str | None = None) -> Step:
    return "answered", when, {"outcome": outcome, "reason_code": reason_code}


def extended(when: str, reason: str | None = "many files") -> Step:
    return "extended", when, {"reason": reason}


@pytest.mark.parametrize(
    ("steps", "due", "counters"),
    [
        pytest.param([], TEN, BAD, id="nobody answered"),
        pytest.param([answered(TEN)], TEN, GOOD, id="last instant"),
        pytest.param([answered("2026-12-08T00:00")], TEN, BAD, id="a moment late"),
        pytest.param([extended(TEN)], SEVENTEEN, BAD, id="extended on the tenth day"),
        pytest.param(
            [extended(TEN), answered(SEVENTEEN)], SEVENTEEN, GOOD, id="last instant of more time"
        ),
        pytest.param(
            [extended(TEN), answered("2026-12-17T00:00")], SEVENTEEN, BAD, id="a moment too late"
        ),
        pytest.param(
            [extended("2026-12-08T00:00"), answered("2026-12-14T10:00")], TEN, BAD,
            id="G10: extended on the eleventh day is void, answered on the fifteenth is late",
        ),
        pytest.param(
            [extended("2026-11-25T10:00", None), answered("2026-12-14T10:00")], TEN, BAD,
            id="extended without a reason is void",
        ),
        pytest.param(
            [extended("2026-11-25T10:00", None), extended("2026-11-26T10:00")], SEVENTEEN, BAD,
            id="extended again with a reason",
        ),
        pytest.param([answered("2026-11-25T10:00", "denied")], TEN, BAD, id="denied without why"),
        pytest.param(
            [answered("2026-11-25T10:00", "denied", "art_17")], TEN, GOOD, id="denied with why"
        ),
        pytest.param(
            [answered("2026-11-25T10:00", "denied"), answered(TEN, "denied", "art_17")], TEN, GOOD,
            id="why was said in time",
        ),
        pytest.param(
            [answered("2026-11-25T10:00"), ("objection", "2026-11-26T10:00", {})], TEN, GOOD,
            id="an objection is no lateness",
        ),
    ],
)  # fmt: skip
def test_answered_by_the_tenth_or_seventeenth_working_day(
    steps: list[Step], due: str, counters: dict[str, int]
) -> None:
    (share,) = KPI.shares(request(*steps))
    cohort = {name: n for name, n in share.counters.items() if name in {"n", "d"}}
    assert (moment.rfc3339(share.at), cohort) == (moment.rfc3339(wib(due)), counters)


def test_the_day_is_a_day_in_jambi() -> None:
    """Golden example G4: Sunday evening in UTC is Monday in Jambi."""
    at = moment.parse("2026-11-22T18:30:00Z")
    made = InfoRequest.of([event("info.received", at, "ppid", case_id="1", opd="dinkes")])
    assert made is not None
    assert made.due.at == wib(TEN)


@pytest.mark.parametrize(
    ("steps", "category"),
    [
        ([], "unanswered"),
        ([answered("2026-11-25T10:00", "partly")], "partly"),
        ([answered("2026-11-25T10:00", "denied")], "denied"),
        ([answered("2026-11-25T10:00", "denied"), answered("2026-11-26T10:00")], "granted"),
        ([answered("2026-11-25T10:00"), answered("2026-11-26T10:00", "partly")], "granted"),
    ],
)
def test_the_category_is_the_outcome_of_the_answer_that_counts(
    steps: list[Step], category: str
) -> None:
    assert request(*steps).scopes == {"city": "city", "opd": "dinkes", "category": category}


def test_what_was_never_received_is_no_request() -> None:
    assert InfoRequest.of([event("info.objection", wib(RECEIVED), "ppid", case_id="1")]) is None


def test_without_a_request_due_there_is_no_value() -> None:
    start = wib("2026-12-07T00:00")
    beat = event("source.heartbeat", start, "ppid", "beat")
    rows = newest(told([(start, []), (start + DAY, [beat])]))
    row = rows[KPI.id, "1d", "city", "city", start]
    assert (row.numerator, row.denominator, row.value, row.status) == (0, 0, None, "no_data")
