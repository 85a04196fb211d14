"""Requests for a service: the clock from completeness, and repeats within an hour."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

from core.events import Event
from core.law import SHIPPED, Law
from core.moment import MINUTE
from core.requests import Request, duplicates
from core.services import ServiceFile
from tests.core.stories import as_told, at, event, loaded, wib

NINE = at("09:00")


def read(events: Iterable[Event], law: Law = SHIPPED) -> Request:
    """The request that events make."""
    file = ServiceFile.of(events, law)
    assert file is not None
    return Request.of(file)


def request(*decided: int, code: str = "ktp") -> Request:
    """A request of nine o'clock, and when it was decided."""
    events = [
        *(event("service.decided", d, "sipaten", case_id="1", outcome="ok") for d in decided),
        event("service.requested", NINE, "sipaten", case_id="1", service_code=code),
    ]
    return read(events)


def filed(number: str, minutes: int) -> Request:
    first = event(
        "service.requested", NINE + minutes * MINUTE, "sipaten", case_id=number,
        service_code="ktp", applicant_key="p1:a",
    )  # fmt: skip
    return read([first])


def judged(when: int, *, complete: bool, law: Law = SHIPPED) -> tuple[int | None, int | None]:
    """Due instants with this verdict alone, and with a good one two days later."""
    asked = event("service.requested", NINE, "sipaten", case_id="1", service_code="ktp")
    first = event("service.completeness_decided", when, "sipaten", case_id="1", complete=complete)
    good = event(
        "service.completeness_decided", wib("2026-11-24T10:00"), "sipaten", "late",
        case_id="1", complete=True,
    )  # fmt: skip
    return read([asked, first], law).due_at, read([asked, first, good], law).due_at


def test_without_its_submission_there_is_no_request_yet() -> None:
    decision = event("service.decided", NINE, "sipaten", case_id="1", outcome="ok")
    assert ServiceFile.of([decision]) is None


def test_the_clock_starts_when_the_file_is_complete() -> None:
    assert request().due_at is None
    due, _ = judged(wib("2026-11-23T10:00"), complete=True)
    assert due == wib("2026-11-30T23:59:59.999")


def test_an_incomplete_file_starts_no_clock() -> None:
    due, later = judged(wib("2026-11-23T10:00"), complete=False)
    assert due is None
    assert later == wib("2026-12-01T23:59:59.999")


def test_the_first_verdict_of_completeness_counts() -> None:
    assert judged(wib("2026-11-23T10:00"), complete=True)[1] == wib("2026-11-30T23:59:59.999")


def test_a_published_standard_replaces_the_five_days() -> None:
    law = Law.told_by([loaded("service_standard", NINE, "2", days={"ktp": 2})])
    assert judged(wib("2026-11-23T10:00"), complete=True, law=law)[0] == wib(
        "2026-11-25T23:59:59.999"
    )


def test_the_first_decision_counts() -> None:
    assert request(NINE + 2 * MINUTE, NINE + MINUTE).decided_at == NINE + MINUTE


def test_a_repeat_within_the_hour_of_a_counted_request_is_the_same_request() -> None:
    # The one at 70 minutes is near the one at 40, but that one was not counted itself.
    chain = [filed("a", 0), filed("b", 40), filed("c", 70)]
    assert all(duplicates(order) == {"b"} for order in permutations(chain))


def test_exactly_one_hour_later_is_still_a_repeat() -> None:
    assert duplicates([filed("a", 0), filed("b", 60)]) == {"b"}
    assert duplicates([filed("a", 0), filed("b", 61)]) == set()


def test_at_the_same_instant_the_smaller_number_is_counted() -> None:
    assert duplicates([filed("b", 0), filed("a", 0)]) == {"b"}


def test_an_unknown_applicant_repeats_nobody() -> None:
    one, two = request(), request(code="kk")
    assert one.group == two.group == "1"
    assert filed("a", 0).group == filed("b", 1).group != one.group


def test_survives_its_way_over_the_wire() -> None:
    assert as_told(request(NINE)) == request(NINE)


def test_a_kelurahan_names_its_kecamatan() -> None:
    asked = event(
        "service.requested", NINE, "sipaten", case_id="1", service_code="ktp",
        kelurahan_code="15.71.07.1011",
    )  # fmt: skip
    made = read([asked])
    assert made.scopes["kecamatan"] == "15.71.07"
    assert request().scopes == {
        "city": "city", "kecamatan": "unlocated", "kelurahan": "unlocated",
        "channel": "sipaten", "category": "ktp",
    }  # fmt: skip
