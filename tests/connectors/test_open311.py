"""GeoReport v2 documents: which become events, which rejects, which nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.open311.manifest import MANIFEST
from core import moment
from core.events import Event
from core.manifest import Raw
from core.normalize import normalize
from core.outcome import Reason, Reject
from core.privacy import Pseudonymizer

NOW = moment.parse("2026-11-23T03:00:00Z")
KEY = Pseudonymizer(b"k" * 32, "p1")
OPEN: dict[str, Any] = {
    "service_request_id": "17",
    "status": "open",
    "service_code": "006",
    "requested_datetime": "2026-11-01T08:00:00+07:00",
    "updated_datetime": "2026-11-02T08:00:00+07:00",
}
CLOSED = OPEN | {"status": "closed"}


def outcomes(body: bytes, **headers: str) -> list[Event | Reject]:
    return list(normalize(MANIFEST, Raw(body, NOW, headers)))


def of_json(value: object) -> list[Event | Reject]:
    return outcomes(MANIFEST.redact(json.dumps(value).encode(), KEY))


def shown(found: list[Event | Reject]) -> list[str]:
    return [one.type if isinstance(one, Event) else one.reason.value for one in found]


SUBMITTED, RESOLVED = "complaint.submitted", "complaint.resolved"


def test_an_open_request_is_a_submission() -> None:
    assert shown(of_json([OPEN])) == [SUBMITTED]


def test_a_closed_request_is_also_a_resolution_at_its_last_update() -> None:
    submitted, resolved = of_json([CLOSED])
    assert isinstance(resolved, Event)
    assert resolved.occurred_at == moment.parse("2026-11-02T01:00:00Z")
    assert submitted == of_json([OPEN])[0]


def test_the_promise_is_the_one_of_the_source() -> None:
    (submitted,) = of_json([OPEN | {"expected_datetime": "2026-11-05T00:00:00Z"}])
    assert isinstance(submitted, Event)
    assert submitted.fields["due_at"] == moment.parse("2026-11-05T00:00:00Z")
    assert submitted.fields["sla_basis"] == "source"


def test_json_and_xml_of_one_request_are_the_same_events() -> None:
    fields = "".join(f"<{name}>{value}</{name}>" for name, value in CLOSED.items())
    xml = f"<service_requests><request>{fields}</request></service_requests>"
    assert outcomes(xml.encode()) == of_json([CLOSED])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_with_a_mark_is_read(encoding: str) -> None:
    xml = (
        "<service_requests><request><service_request_id>1</service_request_id>"
        "<status>open</status><agency_responsible>Dishüb</agency_responsible>"
        "<requested_datetime>2026-11-01T08:00:00Z</requested_datetime>"
        "</request></service_requests>"
    )
    (event,) = outcomes(MANIFEST.redact(xml.encode(encoding), KEY))
    assert isinstance(event, Event)
    assert event.text("opd") == "Dishüb"


@pytest.mark.parametrize(
    "document",
    [
        CLOSED,
        {"service_requests": [CLOSED]},
        {"requests": [CLOSED]},
        [CLOSED | {"status": "CLOSED", "service_request_id": 17, "lat": "", "long": None}],
    ],
)
def test_what_servers_make_of_the_standard_is_read(document: object) -> None:
    assert of_json(document) == of_json([CLOSED])


def test_ids_of_two_cities_do_not_meet() -> None:
    body = json.dumps([OPEN]).encode()
    (first,), (second,) = (outcomes(body, jurisdiction=city) for city in ("a.gov", "b.gov"))
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.text("case_id") == "open311:a.gov:17"
    assert first.event_id != second.event_id


def test_a_second_closing_is_another_event() -> None:
    again = CLOSED | {"updated_datetime": "2026-11-09T08:00:00+07:00"}
    first, second = of_json([CLOSED])[1], of_json([again])[1]
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.event_id != second.event_id


@pytest.mark.parametrize("status", ["closed", "fixed", None])
def test_a_closing_that_cannot_be_told_does_not_take_the_submission_along(status: object) -> None:
    found = of_json([OPEN | {"status": status, "updated_datetime": ""}])
    assert shown(found)[0] == SUBMITTED
    assert isinstance(found[1], Reject)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"service_request_id": None}, Reason.MISSING_FIELD),
        ({"service_request_id": "a\nb\x00"}, Reason.INVALID),
        ({"service_request_id": "\ud800"}, Reason.INVALID),
        ({"requested_datetime": ""}, Reason.MISSING_FIELD),
        ({"requested_datetime": "2026-11-01T08:00:00"}, Reason.INVALID),
        ({"requested_datetime": "yesterday"}, Reason.INVALID),
        ({"requested_datetime": "2026-11-23T03:05:00.000001Z"}, Reason.TIME_OUT_OF_RANGE),
        ({"requested_datetime": "0001-01-01T00:00:00+14:00"}, Reason.TIME_OUT_OF_RANGE),
        ({"expected_datetime": "9999-12-31T23:59:59-14:00"}, Reason.TIME_OUT_OF_RANGE),
        ({"status": "closed", "updated_datetime": "2026-10-01T00:00:00Z"}, Reason.CONTRADICTORY),
        ({"lat": 1e300, "long": 0}, Reason.INVALID),
        ({"lat": "NaN", "long": 0}, Reason.INVALID),
        ({"lat": 1}, Reason.MISSING_FIELD),
        ({"service_code": ["x"]}, Reason.INVALID),
    ],
)
def test_says_what_is_wrong(changed: dict[str, object], reason: Reason) -> None:
    assert shown(of_json([OPEN | changed, OPEN])) == [reason.value, SUBMITTED]


def test_a_bad_request_is_kept_with_its_own_bytes() -> None:
    bad = OPEN | {"requested_datetime": ""}
    reject = of_json([bad, OPEN])[0]
    assert isinstance(reject, Reject)
    assert json.loads(reject.raw) == bad


def test_a_request_may_be_closed_the_moment_it_is_filed() -> None:
    at_once = CLOSED | {"updated_datetime": CLOSED["requested_datetime"]}
    assert shown(of_json([at_once])) == [SUBMITTED, RESOLVED]


def test_a_server_may_be_five_minutes_ahead() -> None:
    assert shown(of_json([OPEN | {"requested_datetime": "2026-11-23T03:05:00Z"}])) == [SUBMITTED]


def test_a_closing_ahead_of_our_clock_is_out_of_range() -> None:
    found = of_json([CLOSED | {"updated_datetime": "2026-11-24T00:00:00Z"}])
    assert shown(found) == [SUBMITTED, "time_out_of_range"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"errors": [{"code": 403, "description": "no such key"}]}',
        b'[{"code": 403, "description": "no such key"}]',
        b'{"code": 403, "description": "no such key"}',
        b"<errors><error><code>403</code><description>no such key</description></error></errors>",
        b"HTTP/1.1 403 Forbidden\r\n\r\n<error>no such key</error>",
    ],
)
def test_a_reject_says_what_the_server_said(body: bytes) -> None:
    (reject,) = outcomes(MANIFEST.redact(body, KEY) if body[:1] != b"H" else body)
    assert isinstance(reject, Reject)
    assert "no such key" in reject.detail
    assert "403" in reject.detail


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "undecodable"),
        (b"\x00", "undecodable"),
        (b"<service_requests><request>", "undecodable"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><service_requests>&a;</service_requests>', "undecodable"),
        (b"<html><body>Wartung</body></html>", "unknown_type"),
        (b"7", "unknown_type"),
        (b'{"message": "ok"}', "unknown_type"),
        (b"[7]", "invalid"),
        (b"<service_requests><request/></service_requests>", "missing_field"),
    ],
)
def test_what_is_no_georeport_is_one_reject(body: bytes, reason: str) -> None:
    assert shown(outcomes(body)) == [reason]


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_a_large_document_is_split_without_loss(ending: str) -> None:
    if ending == "json":
        body = json.dumps([CLOSED | {"service_request_id": str(n)} for n in range(450)]).encode()
    else:
        one = "".join(f"<{name}>{value}</{name}>" for name, value in CLOSED.items())
        body = f"<service_requests>{f'<request>{one}</request>' * 450}</service_requests>".encode()
    parts = list(MANIFEST.split(body))
    assert len(parts) == 3
    assert [one for part in parts for one in outcomes(part)] == outcomes(body)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cfa_ruby_fixtures/403.xml", ["undecodable"]),
        ("cfa_ruby_fixtures/get_service_request.xml", [SUBMITTED, RESOLVED]),
        ("cfa_ruby_fixtures/get_service_request_not_found.xml", ["invalid"]),
        ("cfa_ruby_fixtures/post_service_request.xml", ["unknown_type"]),
        ("cfa_ruby_fixtures/request_id_from_token.xml", ["unknown_type"]),
        ("cfa_ruby_fixtures/service_definition.xml", []),
        ("cfa_ruby_fixtures/service_requests.xml", [SUBMITTED, RESOLVED, SUBMITTED]),
        ("cfa_ruby_fixtures/service_requests_empty.xml", []),
        ("cfa_ruby_fixtures/services.xml", []),
        ("open311status_fixtures/requests_many.xml", [SUBMITTED, SUBMITTED]),
        ("open311status_fixtures/requests_single.xml", [SUBMITTED]),
        ("open311status_fixtures/service_list.json", []),
        ("open311status_fixtures/service_requests.json", [SUBMITTED, SUBMITTED]),
        ("open311status_fixtures/services_giessen.xml", []),
    ],
)
def test_real_documents(shared_data: Path, name: str, expected: list[str]) -> None:
    body = (shared_data / "complaints" / "open311" / name).read_bytes()
    assert shown(outcomes(body)) == expected
