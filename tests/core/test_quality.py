"""What the sources say that cannot be, counted: by hand."""

from __future__ import annotations

import pytest

from core.complaints import COMPLAINT, Complaint
from core.kpis import by_id
from core.moment import DAY, HOUR
from core.requests import Request
from core.rows import KpiRow, Status
from core.services import ServiceFile
from tests.core.stories import Step, case, event, row, told, wib

UNEXPECTED = "case_events_unexpected_pct"
NOWHERE = "case_scope_unknown_pct"
START = wib("2026-11-20T00:00")
TICK = START + DAY + HOUR
FILED: Step = ("submitted", "2026-11-20T08:00")
RESOLVED: Step = ("resolved", "2026-11-20T10:00")


def of_the_day(*cases: list, scope: tuple[str, str] = ("city", "city")) -> KpiRow:  # type: ignore[type-arg]
    events = [one for events in cases for one in events]
    return row(told([(TICK, events)]), UNEXPECTED, "1d", START, scope)


def test_an_event_out_of_place_is_one_of_all_events_of_cases() -> None:
    found = of_the_day(
        case("k1", FILED, RESOLVED, ("resolved", "2026-11-20T11:00")), case("k2", FILED)
    )
    assert (found.numerator, found.denominator, found.value) == (1, 4, "25.00")


def test_of_a_case_that_was_never_filed_all_are_unexpected() -> None:
    found = of_the_day(case("k1", RESOLVED), case("k2", FILED))
    assert (found.numerator, found.denominator) == (1, 2)


def test_an_orphan_is_none_any_more_when_its_case_is_filed_late() -> None:
    late = [event("complaint.submitted", START + HOUR, "sikesal", case_id="k1")]
    said = told([(TICK, case("k1", RESOLVED)), (TICK + HOUR, late)])
    found = row(said, UNEXPECTED, "1d", START)
    assert (found.numerator, found.denominator, found.revision) == (0, 2, 1)


def test_an_event_counts_on_its_own_day() -> None:
    found = of_the_day(
        case("k1", ("submitted", "2026-11-19T23:59"), ("closed", "2026-11-20T00:00"))
    )
    assert (found.numerator, found.denominator) == (1, 1)


def test_it_counts_at_the_source_that_told_it() -> None:
    other = [event("complaint.rejected", START + 12 * HOUR, "sp4n_lapor", case_id="k1")]
    assert of_the_day(case("k1", FILED, RESOLVED), other).numerator == 1
    for source, expected in (("sikesal", (0, 2)), ("sp4n_lapor", (1, 1))):
        found = of_the_day(case("k1", FILED, RESOLVED), other, scope=("channel", source))
        assert (found.numerator, found.denominator) == expected


def test_a_request_that_repeats_another_within_the_hour_is_a_case_of_its_own_here() -> None:
    asked = [
        event("service.requested", START + n * HOUR // 2, "sipaten", case_id=f"r{n}",
              service_code="domisili", applicant_key="p1:a")
        for n in range(2)
    ]  # fmt: skip
    assert (of_the_day(asked).numerator, of_the_day(asked).denominator) == (0, 2)


def test_a_day_without_events_of_cases_has_no_value() -> None:
    beat = [event("source.heartbeat", START + HOUR, name) for name in ("sikesal", "sipaten")]
    found = of_the_day(beat)
    assert (found.value, found.status) == (None, Status.NO_DATA)


def test_each_reason_is_a_counter_of_its_own() -> None:
    made = Complaint.of(
        case("k1", ("closed", "2026-11-20T07:00"), FILED, ("submitted", "2026-11-20T10:00"))
    )
    assert made is not None
    (share,) = by_id()[UNEXPECTED].looks_at[COMPLAINT](made)
    assert share.counters == {"n": 2, "d": 3, "by:early": 1, "by:again": 1}


PLACED = {"category": "sampah", "opd": "DLH", "kelurahan_code": "15.71.07.1011"}


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        pytest.param({}, False, id="all known, whatever the capitals"),
        pytest.param({"category": "hewan_liar"}, True, id="category"),
        pytest.param({"category": None}, True, id="no category"),
        pytest.param({"opd": "kantor_lama"}, True, id="agency"),
        pytest.param({"opd": None}, False, id="not assigned yet"),
        pytest.param({"opd": "15.71.07.1011"}, False, id="a kelurahan is an agency"),
        pytest.param({"kelurahan_code": "15.71.07.1099"}, True, id="kelurahan"),
        pytest.param({"kelurahan_code": "31.71.01.1001"}, True, id="of another city"),
        pytest.param({"kelurahan_code": None}, False, id="without a place"),
        pytest.param(
            {"category": "Potholes", "opd": "PWDx", "sla_basis": "source"}, False,
            id="a source with its own registers",
        ),
    ],
)  # fmt: skip
def test_a_case_with_a_code_of_no_register_counts_for_the_city_and_is_shared_out(
    said: dict[str, str | None], unknown: bool
) -> None:
    fields = {**PLACED, **said}
    events = case("k1", ("submitted", "2026-11-20T08:00", fields))
    found = row(told([(TICK, events)]), NOWHERE, "1d", START)
    assert (found.numerator, found.denominator) == (int(unknown), 1)


def test_a_code_of_no_register_is_the_scope_unknown() -> None:
    fields = {"category": "hewan_liar", "opd": "kantor_lama", "kelurahan_code": "15.71.12.1001"}
    made = Complaint.of(case("k1", ("submitted", "2026-11-20T08:00", fields)))
    assert made is not None
    unknown = dict.fromkeys(("opd", "category", "kecamatan", "kelurahan"), "unknown")
    assert made.scopes == {"city": "city", "channel": "sikesal", **unknown}


def test_what_is_not_said_is_not_unknown() -> None:
    made = Complaint.of(case("k1", ("submitted", "2026-11-20T08:00", {"category": "sampah"})))
    assert made is not None
    assert (made.scopes["opd"], made.scopes["kelurahan"]) == ("unassigned", "unlocated")


def test_a_request_at_an_unknown_kelurahan_counts_too() -> None:
    asked = event(
        "service.requested", START + HOUR, "sipaten", case_id="r1", service_code="domisili",
        kelurahan_code="15.71.07.1099",
    )  # fmt: skip
    found = row(told([(TICK, [asked])]), NOWHERE, "1d", START, ("channel", "sipaten"))
    assert (found.numerator, found.denominator) == (1, 1)
    file = ServiceFile.of([asked])
    assert file is not None
    assert file.scopes["kelurahan"] == Request.of(file).scopes["kelurahan"] == "unknown"
