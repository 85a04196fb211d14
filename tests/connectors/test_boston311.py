"""Boston's case file, judged by the city's own verdicts."""

import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.boston311.manifest import MANIFEST
from core import moment
from core.events import Event
from core.manifest import Raw
from core.normalize import normalize
from core.outcome import Reason, Reject
from core.privacy import Pseudonymizer

KEY = Pseudonymizer(b"k" * 32, "p1")
REAL = "complaints/boston/boston_2015-06-01_2015-07-15_all_types.csv.gz"
HEADER = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,CASE_STATUS,REASON,LATITUDE,LONGITUDE"
JULY = "07/02/2015 10:00:00 AM"


def outcomes(body: bytes) -> list[Event | Reject]:
    parts = (MANIFEST.redact(part, KEY) for part in MANIFEST.split(body))
    return [one for part in parts for one in normalize(MANIFEST, Raw(part, 0))]


def of_rows(*rows: str, header: str = HEADER) -> list[Event | Reject]:
    return outcomes("\n".join([header, *rows]).encode("utf-8", "surrogateescape"))


def events(*rows: str) -> list[Event]:
    found = of_rows(*rows)
    assert all(isinstance(one, Event) for one in found), found
    return [one for one in found if isinstance(one, Event)]


def shown(found: list[Event | Reject]) -> list[str]:
    return [one.type if isinstance(one, Event) else one.reason.value for one in found]


SUBMITTED, RESOLVED = "complaint.submitted", "complaint.resolved"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("07/02/2015 10:00:00 AM", "2015-07-02T14:00:00Z"),
        ("07/02/2015 12:00:00 AM", "2015-07-02T04:00:00Z"),
        ("07/02/2015 12:00:00 PM", "2015-07-02T16:00:00Z"),
        ("01/02/2015 10:00:00 PM", "2015-01-03T03:00:00Z"),
        ("7/2/2015 22:00", "2015-07-03T02:00:00Z"),
        ("2015-07-02 10:00:00", "2015-07-02T14:00:00Z"),
        ("2015-07-02T10:00:00.25", "2015-07-02T14:00:00.250000Z"),
        ("2015-07-02 10:00:00+00", "2015-07-02T10:00:00Z"),
        ("11/01/2015 01:30:00 AM", "2015-11-01T05:30:00Z"),
        ("03/08/2015 02:30:00 AM", "2015-03-08T07:30:00Z"),
    ],
)
def test_local_time_becomes_a_moment(text: str, utc: str) -> None:
    (submitted,) = events(f"1,{text},,,Open,,,")
    assert moment.rfc3339(submitted.occurred_at) == utc


def test_the_hour_that_happens_twice_is_the_second_when_the_first_is_too_early() -> None:
    _, resolved = events("1,11/01/2015 01:50:00 AM,,11/01/2015 01:10:00 AM,Closed,,,")
    assert moment.rfc3339(resolved.occurred_at) == "2015-11-01T06:10:00Z"


@pytest.mark.parametrize(
    "text", ["13/02/2015 10:00:00 AM", "07/02/2015 13:00:00 PM", "07/02/2015 25:00", "July", "7"]
)
def test_a_date_that_is_none_costs_its_row(text: str) -> None:
    found = of_rows(f"1,{text},,,Open,,,", f"2,{JULY},,,Open,,,")
    assert shown(found) == ["invalid", SUBMITTED]


def test_a_closed_case_is_a_submission_and_a_resolution() -> None:
    found = events(f"1,{JULY},07/09/2015 10:00:00 AM,07/03/2015 10:00:00 AM,Closed,Trees,42.3,-71")
    assert shown([*found]) == [SUBMITTED, RESOLVED]
    assert found[0].fields["due_at"] == moment.parse("2015-07-09T14:00:00Z")


def test_a_case_may_be_closed_the_moment_it_is_opened() -> None:
    assert shown([*events(f"1,{JULY},,{JULY},Closed,,,")]) == [SUBMITTED, RESOLVED]


def test_a_case_closed_before_it_was_opened_is_one_reject_with_its_row() -> None:
    row = f"1,{JULY},,07/02/2015 09:59:59 AM,Closed,Trees,,"
    (reject,) = of_rows(row)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.raw.decode().strip()) == (Reason.CONTRADICTORY, row)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"1,{JULY},,,Closed,,,", "missing_field"),
        (f"1,{JULY},,07/03/2015 10:00:00 AM,Open,,,", "contradictory"),
        (f"1,{JULY},,,Lost,,,", "invalid"),
        (f"1,{JULY},,,,,,", "missing_field"),
    ],
)
def test_an_end_that_cannot_be_told_does_not_take_the_case_along(row: str, reason: str) -> None:
    assert shown(of_rows(row)) == [SUBMITTED, reason]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f",{JULY},,,Open,,,", "missing_field"),
        ("1,,,,Open,,,", "missing_field"),
        (f"1 2,{JULY},,,Open,,,", "invalid"),
        (f"1,{JULY},,,Open,,", "invalid"),
        (f"1,{JULY},,,Open,,,,", "invalid"),
        (f"1,{JULY},,,Open,,91,0", "invalid"),
        (f"1,{JULY},,,Open,,1e400,0", "invalid"),
        (f"1,{JULY},,,Open,,42.3,", "missing_field"),
        (f"1,{JULY},,,Open,a\x00b,,", "invalid"),
        (f"1,{JULY},,,Open,\udcff,,", "invalid"),
        (f'1,{JULY},,,Open,"never closed,,', "undecodable"),
        ("1,07/02/1915 10:00:00 AM,,,Open,,,", "time_out_of_range"),
    ],
)
def test_a_bad_row_costs_only_itself(row: str, reason: str) -> None:
    good = f"2,{JULY},,,Open,,,"
    assert shown(of_rows(good, row, good)) == [SUBMITTED, reason, SUBMITTED]


@pytest.mark.parametrize("header", ["", "a,b", HEADER.replace("TARGET_DT", "X"), '"a'])
def test_a_wrong_header_is_one_reject(header: str) -> None:
    found = of_rows(f"1,{JULY},,,Open,,,", header=header)
    assert len(found) == 1
    assert isinstance(found[0], Reject)


def test_the_missing_columns_are_named() -> None:
    (reject,) = of_rows(header="CASE_ENQUIRY_ID,OPEN_DT,CLOSED_DT")
    assert isinstance(reject, Reject)
    assert "target_dt" in reject.detail
    assert "case_status" in reject.detail


def test_a_column_that_is_there_twice_is_refused() -> None:
    assert shown(of_rows(header=f"{HEADER},open_dt")) == ["contradictory"]


def test_columns_are_found_by_name_in_any_order() -> None:
    header = "case_status,latitude,longitude,open_dt,sla_target_dt,closed_dt,case_enquiry_id,type"
    (one,) = of_rows("Open,42.3,-71,2015-07-02 10:00:00,,,1,Tree", header=header)
    assert isinstance(one, Event)
    assert (one.text("case_id"), one.text("category")) == ("boston311:1", "Tree")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_a_spreadsheet_are_read(encoding: str) -> None:
    text = f"{HEADER}\r\n1,{JULY},,,Open,Árboles,,\r\n"
    (one,) = outcomes(text.encode(encoding))
    assert isinstance(one, Event)
    assert one.text("category") == "Árboles"


def test_the_same_row_twice_is_the_same_event() -> None:
    first, again = events(f"1,{JULY},,,Open,,,", f"1,{JULY},,,Open,,,")
    assert first == again


def test_parts_have_the_header_and_at_most_500_rows() -> None:
    rows = [f'{n},{JULY},,,Open,"Tr\nees",,' for n in range(1200)]
    parts = list(MANIFEST.split("\n".join([HEADER, *rows]).encode()))
    assert [len(shown(outcomes(part))) for part in parts] == [500, 500, 200]


def test_a_file_of_a_header_alone_says_nothing() -> None:
    assert of_rows() == []


@given(st.binary(max_size=300))
def test_no_file_stops_the_import(body: bytes) -> None:
    for start in (b"", HEADER.encode() + b"\n"):
        assert all(isinstance(one, Event | Reject) for one in outcomes(start + body))


@pytest.fixture(scope="module")
def file(shared_data: Path) -> bytes:
    return gzip.decompress((shared_data / REAL).read_bytes())


@pytest.fixture(scope="module")
def real(file: bytes) -> list[Event | Reject]:
    return outcomes(file)


@pytest.mark.real_data
def test_no_real_row_vanishes(real: list[Event | Reject]) -> None:
    counts = Counter(shown(real))
    assert counts == {SUBMITTED: 15_172 - 70, RESOLVED: 15_172 - 70 - 1_882, "contradictory": 70}


@pytest.mark.real_data
def test_real_cases_without_a_target_are_told_as_such(real: list[Event | Reject]) -> None:
    filed = [one for one in real if isinstance(one, Event) and one.type == SUBMITTED]
    rows = [one.raw.decode() for one in real if isinstance(one, Reject)]
    without = sum(one.fields["due_at"] is None for one in filed)
    assert without + sum(row.split(",")[2] == "" for row in rows) == 2_833
    assert {one.fields["sla_basis"] for one in filed} == {"source"}


@pytest.mark.real_data
def test_the_verdict_on_every_closed_real_case_is_the_citys_own(
    real: list[Event | Reject], file: bytes
) -> None:
    done = {one.text("case_id"): one.occurred_at for one in of_type(real, RESOLVED)}
    due = {one.text("case_id"): one.whole("due_at") for one in of_type(real, SUBMITTED)}
    ours = {
        case: "ONTIME" if done[case] <= limit else "OVERDUE"
        for case, limit in due.items()
        if limit is not None and case in done
    }
    theirs = {f"boston311:{case}": status for case, status in city_verdicts(file) if status}
    judged = {case: verdict for case, verdict in ours.items() if case in theirs}
    assert judged == {case: theirs[case] for case in judged}
    assert len(ours) - len(judged) == 3
    assert len(judged) > 10_900


def of_type(found: list[Event | Reject], event_type: str) -> list[Event]:
    return [one for one in found if isinstance(one, Event) and one.type == event_type]


def city_verdicts(file: bytes) -> list[tuple[str, str]]:
    lines = file.decode().splitlines()[1:]
    return [(cells[0], cells[4]) for cells in (line.split(",", 5) for line in lines)]
