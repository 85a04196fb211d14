"""KPI 32 on complaints and records short enough to check by hand."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from core.complaints import Complaint
from core.counterparts import Counterparts, told_of_complaint, told_of_request
from core.events import Event, Value
from core.grievances import Compared, Grievance, record_of
from core.kpis import by_id
from core.moment import DAY, HOUR
from core.rows import Status
from core.service_records import Record
from core.services import ServiceFile
from tests.core.stories import Step, as_told, case, event, row, told, wib

KPI, FEES = by_id()["tri_record_mismatch_pct"], by_id()["tri_fee_mismatch_pct"]
ASKED, COMPLETE = "2026-11-02T09:00", "2026-11-02T10:00"
DUE = "2026-11-09T23:59:59.999"
"""Five working days after the file was complete, a Monday."""
FILED = "2026-11-12T10:00"
END = wib("2026-11-13T00:00")
FIRST = END - 90 * DAY


def request(
    *steps: Step, number: str = "r1", when: str = ASKED, complete: bool = True, **fields: Any
) -> list[Event]:
    """The events of a request for a domicile letter whose file was complete after an hour."""
    given: dict[str, Any] = {
        "service_code": "domisili",
        "applicant_key": "p1:a",
        "kecamatan_code": "15.71.07",
    }
    told_of = [event("service.requested", wib(when), "sipaten", case_id=number,
                     **{**given, **fields})]  # fmt: skip
    if complete:
        steps = (("completeness_decided", COMPLETE, {"complete": True}), *steps)
    for what, at, *more in steps:
        own: dict[str, Any] = dict(more[0]) if more else {}
        told_of.append(event(f"service.{what}", wib(at), "sipaten", case_id=number, **own))
    return told_of


def complaint(
    claim: str | None = "late", *steps: Step, when: str = FILED, number: str = "k1", **given: Any
) -> list[Event]:
    """A complaint about the letter that names its request, unless said otherwise."""
    fields: dict[str, Any] = {"about_service": "domisili", "request_id": "r1", **given}
    first = event(
        "complaint.submitted", wib(when), "sikesal", case_id=number, claim=claim, **fields
    )
    return [first, *case(number, *steps)]


def filed(events: Iterable[Event]) -> ServiceFile:
    """The file of a request."""
    file = ServiceFile.of(events)
    assert file is not None
    return file


def compared(complained: list[Event], *requests: list[Event]) -> Compared:
    """The complaint and its record, of the records that its key leads to."""
    case = Complaint.of(complained)
    assert case is not None
    sides = Counterparts()
    for events in requests:
        for _, name, _, value in told_of_request(filed(events)):
            sides.put(name, as_told(value))
    for _, name, _, value in told_of_complaint(case):
        sides.put(name, as_told(value))
    ((only,),) = [found for _, found in sides.changed() if found]
    return only


def share(found: Compared) -> dict[str, int]:
    """Counters of the headline."""
    return {name: n for one in KPI.shares(found) for name, n in one.counters.items()}


DECIDED = ("decided", "2026-11-05T10:00", {"outcome": "granted"})
DECIDED_LATE = ("decided", "2026-11-10T10:00", {"outcome": "granted"})
ON_THE_DOT = ("decided", DUE, {"outcome": "granted"})
LAPSED = ("decided", "2026-11-05T10:00", {"outcome": "auto_granted"})
HANDED = ("completed", "2026-11-06T10:00", {"delivery": "online"})


def fee(amount: int, when: str = "2026-11-05T10:00") -> Step:
    return ("fee_charged", when, {"amount": amount})


def asked_for(codes: str) -> Step:
    return ("completeness_decided", "2026-11-03T08:00", {"complete": False, "asked_for": codes})


@pytest.mark.parametrize(
    ("claim", "steps", "finding"),
    [
        pytest.param("late", [DECIDED], "claim_worse", id="decided in time"),
        pytest.param("late", [ON_THE_DOT], "claim_worse", id="at the last instant"),
        pytest.param("late", [DECIDED_LATE], "agree", id="decided late"),
        pytest.param("late", [], "agree", id="not decided and overdue"),
        pytest.param("late", [LAPSED], "agree", id="granted by lapse is not decided"),
        pytest.param("late", [("withdrawn", "2026-11-04T10:00")], None, id="withdrawn"),
        pytest.param("not_delivered", [DECIDED], "agree", id="decided is not delivered"),
        pytest.param("not_delivered", [DECIDED, HANDED], "claim_worse", id="delivered"),
        pytest.param("extra_requirement", [], "claim_worse", id="nothing was asked for"),
        pytest.param("extra_requirement", [asked_for("ktp kk")], "claim_worse", id="the standard"),
        pytest.param("extra_requirement", [asked_for("ktp materai")], "agree", id="one too many"),
    ],
)
def test_what_the_record_says_of_a_claim(claim: str, steps: list[Step], finding: str) -> None:
    assert compared(complaint(claim), request(*steps)).finding == finding


def test_a_request_that_may_still_be_decided_is_not_late() -> None:
    assert compared(complaint(when="2026-11-09T12:00"), request()).finding == "claim_worse"
    assert compared(complaint(when="2026-11-10T00:00"), request()).finding == "agree"


def test_without_a_complete_file_no_limit_runs() -> None:
    found = compared(complaint(), request(complete=False))
    assert (found.finding, found.left_out) == (None, "record_silent")


@pytest.mark.parametrize(
    ("claimed", "charged", "finding"),
    [
        pytest.param(20_000, [], "claim_worse", id="no fee on record"),
        pytest.param(None, [fee(10_000)], "claim_worse", id="the tariff"),
        pytest.param(None, [fee(10_001)], "agree", id="above the tariff"),
        pytest.param(20_000, [fee(20_000)], "agree", id="the same sum"),
        pytest.param(20_000, [fee(5_000), fee(15_000, FILED)], "agree", id="fees add up"),
        pytest.param(30_000, [fee(20_000)], "claim_worse", id="more than on record"),
        pytest.param(15_000, [fee(20_000)], "record_worse", id="less than on record"),
    ],
)
def test_what_the_record_says_of_a_fee(
    claimed: int | None, charged: list[Step], finding: str
) -> None:
    said = complaint("extra_fee", about_service="usaha_mikro", claimed_fee=claimed)
    assert compared(said, request(*charged, service_code="usaha_mikro")).finding == finding


@pytest.mark.parametrize("claim", ["extra_fee", "extra_requirement"])
def test_without_a_standard_there_is_nothing_to_hold_it_against(claim: str) -> None:
    found = compared(complaint(claim), request(fee(10), service_code="izin_keramaian"))
    assert found.left_out == "record_silent"


def amended(when: str, **fields: Value) -> Step:
    return ("record_amended", when, fields)


BEFORE, AFTER = "2026-11-12T09:59:59.999", "2026-11-12T10:00:00.001"


@pytest.mark.parametrize(
    ("when", "finding"),
    [
        pytest.param(BEFORE, "claim_worse", id="before the complaint"),
        pytest.param(FILED, "claim_worse", id="at the complaint"),
        pytest.param(AFTER, "agree", id="after the complaint"),
    ],
)
def test_the_version_at_the_complaint_is_the_one_that_counts(when: str, finding: str) -> None:
    backdated = amended(when, decided_at=wib("2026-11-05T10:00"))
    assert compared(complaint(), request(DECIDED_LATE, backdated)).finding == finding
    handed = amended(when, completed_at=wib("2026-11-05T10:00"))
    assert compared(complaint("not_delivered"), request(handed)).finding == finding


def test_an_amendment_replaces_and_what_it_leaves_out_stays() -> None:
    micro: dict[str, Any] = {"service_code": "usaha_mikro"}
    levy = complaint("extra_fee", about_service="usaha_mikro")
    lowered = [fee(50_000), amended("2026-11-06T10:00", fee=10_000)]
    assert compared(levy, request(*lowered, **micro)).finding == "claim_worse"
    assert compared(levy, request(*lowered, fee(1, "2026-11-07T10:00"), **micro)).finding == "agree"
    other = amended("2026-11-06T10:00", asked_for="")
    assert compared(levy, request(fee(50_000), other, **micro)).finding == "agree"
    papers = complaint("extra_requirement")
    assert compared(papers, request(asked_for("materai"), other)).finding == "claim_worse"


def test_two_amendments_of_one_instant_are_read_by_their_version() -> None:
    first, second = (
        event("service.record_amended", wib("2026-11-06T10:00"), "sipaten", name, case_id="r1",
              version=version, completed_at=completed)
        for name, version, completed in (("z", 1, wib(AFTER)), ("a", 2, wib("2026-11-06T09:00")))
    )  # fmt: skip
    for order in permutations([*request(), first, second]):
        assert Record.of(filed(order)).at(wib(FILED)).completed_at == wib("2026-11-06T09:00")


BY_APPLICANT: dict[str, Any] = {"request_id": None, "applicant_key": "p1:a"}


@pytest.mark.parametrize(
    ("said", "requests", "record"),
    [
        pytest.param({}, [request()], "r1", id="named"),
        pytest.param({"request_id": "r9"}, [request()], None, id="named, but there is none"),
        pytest.param({"request_id": "r9", "applicant_key": "p1:a"}, [request()], None,
                     id="a wrong name is not guessed at"),
        pytest.param(BY_APPLICANT, [request()], "r1", id="by applicant and service"),
        pytest.param({"request_id": None, "reporter_key": "p1:a"}, [request()], "r1",
                     id="the reporter is the applicant"),
        pytest.param({"request_id": None, "applicant_key": "p1:b"}, [request()], None,
                     id="of another applicant"),
        pytest.param({**BY_APPLICANT, "about_service": "nikah"}, [request()], None,
                     id="of another service"),
        pytest.param({"request_id": None}, [request()], None, id="nobody knows of whom"),
        pytest.param(BY_APPLICANT, [request(when="2026-10-13T10:00")], "r1", id="30 days ago"),
        pytest.param(BY_APPLICANT, [request(when="2026-10-13T09:59:59")], None, id="longer ago"),
        pytest.param(BY_APPLICANT, [request(when="2026-12-12T10:00")], "r1", id="in 30 days"),
        pytest.param(BY_APPLICANT, [request(when="2026-12-12T10:00:01")], None, id="even later"),
        pytest.param(
            BY_APPLICANT, [request(when="2026-10-20T10:00", number="r0"), request()], "r1",
            id="the last of two",
        ),
        pytest.param(
            BY_APPLICANT, [request(when="2026-11-12T10:00:01", number="r2"), request()], "r1",
            id="the one before it of two",
        ),
        pytest.param(
            BY_APPLICANT, [request(when="2026-11-02T10:00", number="r2"), request()], "r1",
            id="a repetition within the hour is the same request",
        ),
        pytest.param(
            {}, [request(when="2026-11-02T10:00", number="r2"), request()], "r1", id="named of two"
        ),
    ],
)  # fmt: skip
def test_the_record_that_a_complaint_is_about(
    said: dict[str, Any], requests: list[list[Event]], record: str | None
) -> None:
    for order in permutations(requests):
        found = compared(complaint(**said), *order)
        assert (found.record and found.record.case_id) == record
        assert (found.left_out == "unlinkable") is (record is None)


def test_a_request_after_the_complaint_had_no_record_then() -> None:
    found = compared(complaint(**BY_APPLICANT), request(when="2026-11-12T10:00:01"))
    assert found.left_out == "record_silent"


def test_of_two_requests_at_one_time_the_first_by_number_is_meant() -> None:
    grievance = Grievance("k", "p1:a|d", "late", None, wib(FILED), "d", "x", None)
    pair = [Record(name, "p1:a", "d", "x", wib(ASKED), ()) for name in ("r2", "r1")]
    for order in (pair, pair[::-1]):
        found = record_of(grievance, order)
        assert found is not None
        assert found.case_id == "r1"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param(complaint(None), "no_claim", id="says nothing of the service"),
        pytest.param(complaint("rude"), "no_claim", id="a claim that no record knows"),
        pytest.param(complaint("late", ("withdrawn", FILED)), "withdrawn", id="taken back"),
        pytest.param(complaint("late", ("rejected", FILED)), "rejected", id="refused"),
        pytest.param(complaint(kind="wbs"), "wbs", id="secret"),
        pytest.param(complaint(origin_ref="call112:1"), "duplicate", id="keyed in again"),
        pytest.param(
            complaint("late", ("duplicate_linked", FILED, {"master_case_id": "k0"})),
            "duplicate",
            id="linked to a master",
        ),
    ],
)
def test_what_is_left_out(said: list[Event], reason: str) -> None:
    assert share(compared(said, request())) == {f"x:{reason}": 1}


def test_claim_and_direction_are_counters() -> None:
    assert share(compared(complaint(), request(DECIDED))) == {
        "n": 1, "d": 1, "of:late": 1, "by:late": 1, "to:claim_worse": 1,
    }  # fmt: skip
    assert share(compared(complaint(), request())) == {"d": 1, "of:late": 1}


def test_a_claim_of_an_extra_fee_is_kept_apart() -> None:
    found = compared(complaint("extra_fee"), request())
    assert share(found) == {}
    (apart,) = FEES.shares(found)
    assert apart.counters["n"] == 1
    assert not list(FEES.shares(compared(complaint(), request())))


def test_the_scopes_are_those_of_the_record_and_without_one_of_the_complaint() -> None:
    said = complaint(about_service="nikah", kecamatan_code="15.71.01")
    linked = compared(said, request()).scopes
    assert (linked["category"], linked["kecamatan"]) == ("domisili", "15.71.07")
    alone = compared(said).scopes
    assert (alone["category"], alone["kecamatan"]) == ("nikah", "15.71.01")


def test_a_complaint_about_no_service_is_no_grievance() -> None:
    made = Complaint.of(complaint(None, about_service=None, request_id=None))
    assert made is not None
    assert Grievance.of(made) is None


def test_both_sides_survive_their_way_over_the_wire() -> None:
    made = Complaint.of(complaint("extra_fee", claimed_fee=5))
    events = request(DECIDED, HANDED, fee(3), amended(FILED, asked_for="x", fee=2))
    file = filed(events)
    assert made is not None
    grievance = Grievance.of(made)
    assert grievance is not None
    assert as_told(grievance) == grievance
    records = [as_told(value) for *_, value in told_of_request(file)]
    assert [one.record for one in records] == [Record.of(file)] * 2


def test_a_record_is_told_under_each_key_that_is_asked_for() -> None:
    file = filed(request(DECIDED))
    everything = list(told_of_request(file))
    keys = {key for *_, key, _ in everything}
    assert len(keys) == 2
    for key in keys:
        assert list(told_of_request(file, {key})) == [one for one in everything if one[2] == key]
    assert not list(told_of_request(file, set[str]()))


def city(said: Any) -> tuple[Any, ...]:
    found = row(said, KPI.id, "90d", FIRST)
    return found.numerator, found.denominator, found.value, found.status, dict(found.excluded)


def test_nothing_to_compare_is_no_value() -> None:
    alive = [event("source.heartbeat", END - HOUR, source) for source in KPI.sources]
    assert city(told([(END, alive)])) == (0, 0, None, Status.NO_DATA, {})
    assert city(told([(END, [*alive, *complaint(request_id="r9")])])) == (
        0, 0, None, Status.INSUFFICIENT, {"unlinkable": 1},
    )  # fmt: skip


@pytest.mark.parametrize("partitions", [1, 3])
def test_rows_change_as_either_side_comes_and_goes(partitions: int) -> None:
    late = complaint(number="k2", request_id="r2")
    segments = [
        (END, [*complaint(), *late, *request(number="r2")]),
        (END + HOUR, request(DECIDED)),
        (END + 2 * HOUR, case("k1", ("withdrawn", "2026-11-12T11:00"))),
        (END + 3 * HOUR, complaint("not_delivered", number="k3", **BY_APPLICANT)),
    ]
    seen = [city(told(segments[: n + 1], partitions))[:2] for n in range(len(segments))]
    assert seen == [(0, 1), (1, 2), (0, 1), (0, 2)]


def test_a_row_of_its_quarter_service_and_kecamatan() -> None:
    said = told([(wib("2027-01-01T00:00"), [*complaint(), *request(DECIDED)])])
    quarter = wib("2026-10-01T00:00")
    for scope in (("city", "city"), ("category", "domisili"), ("kecamatan", "15.71.07")):
        found = row(said, KPI.id, "quarter", quarter, scope)
        assert (found.numerator, found.denominator) == (1, 1)
