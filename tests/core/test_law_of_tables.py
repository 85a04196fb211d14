"""Which version of the tables beside calendar and limits judges what, and from when on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import msgspec
import pytest

from core import tables
from core.complaints import Complaint
from core.counterparts import Counterparts, told_of_complaint, told_of_request
from core.events import Event, Value
from core.law import IN_FORCE, SHIPPED, Law
from core.matter_tables import Service, ServiceTable
from core.rows import KpiRow
from core.satisfaction import Response
from core.services import ServiceFile
from core.tables import AdminAreaTable, OpdTable
from core.traffic import Quarter
from tests.core.stories import as_told, case, event, loaded, newest, row, told, wib

FILED, RESOLVED = "2026-11-20T10:00", "2026-11-21T12:00"
"""26 hours."""
BEFORE, WHILE_OPEN, AFTERWARDS = "2026-11-19T08:00", "2026-11-20T12:00", "2026-11-22T08:00"
TICK = wib("2026-11-25T00:00")
LETTERS = tables.shipped(ServiceTable).services
SCORES: dict[str, Value] = {f"u{number}": 3 for number in range(1, 10)}

every_instant = pytest.mark.parametrize(
    ("when", "new"), [(BEFORE, True), (WHILE_OPEN, True), (RESOLVED, True), (AFTERWARDS, False)]
)


def city(kpi: str, kind: str, day: str, events: list[Event]) -> KpiRow:
    return row(told([(TICK, events)]), kpi, kind, wib(f"{day}T00:00"))


def solved(**fields: str) -> list[Event]:
    return case("1", ("submitted", FILED, {"category": "sampah", **fields}), ("resolved", RESOLVED))


def letter(**changes: object) -> dict[str, Service]:
    """The shipped letters with another `domisili`."""
    return {**LETTERS, "domisili": msgspec.structs.replace(LETTERS["domisili"], **changes)}


def test_every_table_that_a_number_reads_judges() -> None:
    assert tables.KINDS.keys() - set(IN_FORCE) == {"index"}


@every_instant
def test_the_limit_of_kpi_5_is_that_of_the_end_of_the_case(when: str, new: bool) -> None:
    longer = loaded("utility", wib(when), "u.2", hours={"sampah": 48})
    kpi, due = "env_utility_24h_resolution_pct", "2026-11-22" if new else "2026-11-21"
    found = city(kpi, "1d", due, [*solved(), longer])
    assert (found.numerator, found.denominator) == (int(new), 1)


@pytest.mark.parametrize(("when", "new"), [(WHILE_OPEN, True), (AFTERWARDS, False)])
def test_a_category_enters_kpi_5_with_the_version_that_names_it(when: str, new: bool) -> None:
    wider = loaded("utility", wib(when), "u.2", hours={"bansos": 24})
    events = [*solved(category="bansos"), wider]
    found = city("env_utility_24h_resolution_pct", "1d", "2026-11-21", events)
    assert found.denominator == int(new)


def test_residents_are_those_of_the_end_of_the_window() -> None:
    events = [*solved(reporter_key="p1:a"), loaded("population", wib(AFTERWARDS), "2", city=10)]
    days = {
        day: city("reporters_per_100k", "1d", day, events) for day in ("2026-11-21", "2026-11-22")
    }
    assert [found.denominator for found in days.values()] == [633_650, 10]
    # The end of a window is in force there: it ends when the next day begins.
    last = city("reporters_per_100k", "28d", "2026-10-26", events)
    assert (last.numerator, last.denominator, last.value) == (1, 10, "10000.00")


@every_instant
def test_a_new_agency_is_known_to_cases_that_were_not_over(when: str, new: bool) -> None:
    names = {**tables.shipped(OpdTable).names, "badan_baru": "Badan Baru"}
    made = Complaint.of(
        solved(opd="badan_baru"), Law.told_by([loaded("opd", wib(when), "opd.2", names=names)])
    )
    assert made is not None
    assert made.scopes["opd"] == ("badan_baru" if new else "unknown")


def test_a_new_register_moves_open_cases_out_of_unknown() -> None:
    more = loaded("category", wib(WHILE_OPEN), "c.2", names={"hewan_liar": "Hewan liar"})
    (filed,) = case("1", ("submitted", FILED, {"category": "hewan_liar"}))
    kpi, day = "case_scope_unknown_pct", "2026-11-20"
    assert city(kpi, "1d", day, [filed]).numerator == 1
    assert city(kpi, "1d", day, [filed, more]).numerator == 0


def test_kelurahan_at_work_are_counted_of_those_of_the_window() -> None:
    areas = tables.shipped(AdminAreaTable)
    more = {**areas.kelurahan, "15.71.07.1099": "Baru"}
    events = [
        event("officer.session", wib(FILED), "sipaten", session_id="s1", officer_key="o1",
              kelurahan_code="15.71.07.1099"),
        *(event("service.requested", wib(FILED) + n, "sipaten", case_id=f"r{n}",
                service_code="domisili", kelurahan_code="15.71.07.1099") for n in range(10)),
        *(event("service.completed", wib(FILED) + n, "sipaten", case_id=f"r{n}")
          for n in range(10)),
    ]  # fmt: skip
    version = loaded("admin_area", wib(WHILE_OPEN), "a.2", kelurahan=more)
    for told_of, numbers in ((events, (0, 68)), ([*events, version], (1, 69))):
        found = city("sipaten_active_kelurahan_pct", "28d", "2026-10-24", told_of)
        assert (found.numerator, found.denominator) == numbers


@pytest.mark.parametrize(("when", "new"), [(BEFORE, True), (FILED, True), (WHILE_OPEN, False)])
def test_whether_a_letter_is_free_is_as_of_the_answer_to_the_survey(when: str, new: bool) -> None:
    answer = event(
        "survey.response",
        wib(FILED),
        "survey",
        "",
        case_id="r1|p1:a",
        service_code="domisili",
        **SCORES,
    )
    law = Law.told_by([loaded("service", wib(when), "s.2", services=letter(tariff=5_000))])
    made = Response.of([answer], law)
    assert made is not None
    assert made.scores is not None
    assert ("u4" in made.scores) is new


@pytest.mark.parametrize(("when", "new"), [(BEFORE, True), (RESOLVED, True), (AFTERWARDS, False)])
def test_whether_a_letter_is_digitisable_is_as_of_its_completion(when: str, new: bool) -> None:
    events = [
        event("service.requested", wib(FILED), "sipaten", case_id="r", service_code="domisili"),
        event("service.completed", wib(RESOLVED), "sipaten", case_id="r"),
        loaded("service", wib(when), "s.2", services=letter(digitisable=False)),
    ]
    found = city("service_end_to_end_digital_pct", "1d", "2026-11-21", events)
    assert found.denominator == int(not new)


class TestRecord:
    """A complaint about a letter is held against tariff and list of when it was made."""

    at = "2026-11-20T10:00"

    def found(self, law: Law, claim: str, fee: int | None = None) -> str | None:
        request = [
            event("service.requested", wib("2026-11-10T10:00"), "sipaten", case_id="r",
                  service_code="domisili"),
            event("service.completeness_decided", wib("2026-11-10T11:00"), "sipaten", case_id="r",
                  complete=True, asked_for="ktp kk pbb"),
            event("service.fee_charged", wib("2026-11-11T10:00"), "sipaten", case_id="r",
                  amount=5_000),
        ]  # fmt: skip
        complaint = Complaint.of(case("k", ("submitted", self.at, {
            "about_service": "domisili", "request_id": "r", "claim": claim, "claimed_fee": fee,
        })), law)  # fmt: skip
        file = ServiceFile.of(request, law)
        assert complaint is not None
        assert file is not None
        sides = Counterparts()
        for _, name, _, value in (*told_of_request(file), *told_of_complaint(complaint)):
            sides.put(name, as_told(value))
        ((compared,),) = [found for _, found in sides.changed() if found]
        return compared.finding

    @pytest.mark.parametrize(
        ("when", "claim", "changes", "finding"),
        [
            (BEFORE, "extra_fee", {"tariff": 5_000}, "claim_worse"),
            (at, "extra_fee", {"tariff": 5_000}, "claim_worse"),
            (WHILE_OPEN, "extra_fee", {"tariff": 5_000}, "agree"),
            (BEFORE, "extra_fee", {"tariff": None}, None),
            (BEFORE, "extra_requirement", {"documents": ["kk", "ktp", "pbb"]}, "claim_worse"),
            (WHILE_OPEN, "extra_requirement", {"documents": ["kk", "ktp", "pbb"]}, "agree"),
            (BEFORE, "extra_requirement", {"documents": None}, None),
            (BEFORE, "extra_requirement", {"documents": []}, "agree"),
        ],
    )
    def test_is_judged_by_the_version_of_the_complaint(
        self, when: str, claim: str, changes: dict[str, object], finding: str | None
    ) -> None:
        law = Law.told_by([loaded("service", wib(when), "s.2", services=letter(**changes))])
        assert self.found(law, claim) == finding

    def test_is_judged_by_what_shipped_until_then(self) -> None:
        assert self.found(SHIPPED, "extra_fee") == "agree"
        assert self.found(SHIPPED, "extra_requirement") == "agree"

    def test_a_tariff_that_was_taken_back_counts_no_more(self) -> None:
        law = Law.told_by([
            loaded("service", wib("2026-11-18T08:00"), "s.2", services=letter(tariff=5_000)),
            loaded("service", wib(BEFORE), "s.3", services=letter(tariff=0)),
        ])  # fmt: skip
        assert self.found(law, "extra_fee") == "agree"


@pytest.mark.parametrize(("when", "good"), [(BEFORE, True), (FILED, True), (WHILE_OPEN, False)])
def test_the_least_level_of_an_intersection_is_that_of_the_quarter(when: str, good: bool) -> None:
    """Sixty seconds are E, which is below C."""
    measured = [
        event("traffic.measured", wib(FILED) + n * 60_000_000, "traffic_analytics", f"m{n}",
              intersection_id="s1", mean_delay_s=60.0, volume_smp=1.0)
        for n in range(10)
    ]  # fmt: skip
    law = Law.told_by([loaded("intersection", wib(when), "los.9", levels={"s1": "E"})])
    made = Quarter.of(measured, law)
    assert made is not None
    assert made.acceptable is good


STORIES: dict[str, Callable[[], list[Event]]] = {
    "utility": lambda: [
        *solved(), loaded("utility", wib(WHILE_OPEN), "u.2", hours={"sampah": 48}),
    ],
    "service": lambda: [
        event("service.requested", wib(FILED), "sipaten", case_id="r", service_code="nikah"),
        event("service.completed", wib(RESOLVED), "sipaten", case_id="r"),
        loaded("service", wib(BEFORE), "s.2", services={}),
    ],
    "survey": lambda: [
        event("survey.response", wib(FILED), "survey", "", case_id="r1|p1:a", service_code="nikah",
              **SCORES),
        loaded("service", wib(BEFORE), "s.2", services={
            "nikah": msgspec.structs.replace(LETTERS["nikah"], tariff=0),
        }),
    ],
    "population": lambda: [
        *solved(reporter_key="p1:a"), loaded("population", wib(AFTERWARDS), "2", city=10),
    ],
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES)
def test_when_the_table_arrives_does_not_matter(story: str) -> None:
    """What is published last of the windows with somebody in them, in whatever order it came."""

    def numbers(segments: list[tuple[int, list[Event]]]) -> dict[object, object]:
        found = newest(told([*segments, (TICK + 1, [])]))
        return {
            i: (r.numerator, r.denominator, r.status, r.definition)
            for i, r in found.items() if r.numerator
        }  # fmt: skip

    events = STORIES[story]()
    expected = numbers([(TICK, events)])
    assert expected
    for order in permutations(events):
        one_by_one = [(TICK - len(order) + n, [one]) for n, one in enumerate(order)]
        assert numbers(one_by_one) == expected


def test_loading_what_shipped_from_long_ago_says_not_one_row_more() -> None:
    """A table in force since months ago is no sign that anything happened since then."""
    shipped = [
        loaded(name, wib("2026-06-01T00:00"), tables.shipped(kind).version)
        for name, kind in tables.KINDS.items()
    ]
    segments = [(TICK - 1, solved()), (TICK, [])]
    assert told([(TICK - 1, [*shipped, *solved()]), (TICK, [])]) == told(segments)
