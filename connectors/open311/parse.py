"""GeoReport v2 requests to events.  Pure: bytes in, outcomes out.

A request is submitted at `requested_datetime` and, once `closed`, resolved at
`updated_datetime`: GeoReport defines that as the time of closing.  A request whose closing cannot
be dated is still a submission; the closing alone is rejected.  GeoReport v2 does not tell that a
request was reopened: that shows only as a second, later closing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from connectors.open311.documents import Record, records
from core import moment
from core.events import Event, event_id
from core.fields import Fields, Flaw, invalid
from core.manifest import Raw
from core.normalize import AHEAD
from core.outcome import Reason, Reject
from core.redaction import person

JURISDICTION = "jurisdiction"
"""Header with the `jurisdiction_id` that was asked; part of the case id, as ids are per city."""
WHO = ("phone", "email", "account_id", "device_id")
"""Fields that identify the reporter, best first; servers show them only to trusted keys."""

_ID = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?")


def parse(raw: Raw) -> Iterator[Event | Reject]:
    """The submission of each request, its closing where it has one, or a reject of either."""
    try:
        for record in records(raw.body):
            yield from _outcomes(record, raw)
    except Flaw as flaw:
        yield flaw.reject(raw.body)


def _outcomes(record: Record, raw: Raw) -> Iterator[Event | Reject]:
    if not isinstance(record.values, dict):
        detail = f"a request must be an object, not {type(record.values).__name__}"
        yield Reject(Reason.INVALID, detail, record.raw)
        return
    request = Fields(record.values)
    try:
        submitted = _submitted(request, raw)
        yield submitted
        yield from _resolved(request, submitted, raw)
    except Flaw as flaw:
        yield flaw.reject(record.raw)


def _submitted(request: Fields, raw: Raw) -> Event:
    _check_answers(request)
    number = request.need_match("service_request_id", _ID, "638344")
    at = _not_ahead(request, "requested_datetime", raw)
    _check_order(request, at)
    case_id = ":".join(part for part in ("open311", _city(raw), number) if part)
    lat, lon = request.point("lat", "long")
    fields = {
        "case_id": case_id,
        "source_ref": number,
        "reporter_key": person(request, WHO),
        "category": request.text("service_code") or request.text("service_name"),
        "lat": lat,
        "lon": lon,
        "opd": request.text("agency_responsible"),
        "due_at": request.moment("expected_datetime"),
        "sla_basis": "source",
    }
    return Event("complaint.submitted", event_id(case_id, "submitted", ""), at, "open311", fields)


def _resolved(request: Fields, submitted: Event, raw: Raw) -> Iterator[Event]:
    status = request.need("status").casefold()
    if status == "open":
        return
    if status != "closed":
        raise invalid(f"field 'status' is {status!r}, neither open nor closed: closing unknown")
    at = _not_ahead(request, "updated_datetime", raw)
    case_id = submitted.text("case_id")
    fields = {"case_id": case_id, "opd": submitted.fields["opd"]}
    same = event_id(case_id, "resolved", moment.rfc3339(at))
    yield Event("complaint.resolved", same, at, "open311", fields)


def _check_answers(request: Fields) -> None:
    """An answer to a filed request, or to a token, tells no time: it is no request to count."""
    if "requested_datetime" in request.values or "status" in request.values:
        return
    if "token" in request.values or "service_notice" in request.values:
        detail = "an answer to a filed request (id, token or notice): ask GET requests for it"
        raise Flaw(Reason.UNKNOWN_TYPE, detail)


def _check_order(request: Fields, opened: int) -> None:
    closed = (request.text("status") or "").casefold() == "closed"
    at = request.moment("updated_datetime") if closed else None
    if at is not None and at < opened:
        detail = (
            f"closed at {moment.rfc3339(at)}, before it was requested at {moment.rfc3339(opened)}"
        )
        raise Flaw(Reason.CONTRADICTORY, detail)


def _not_ahead(request: Fields, name: str, raw: Raw) -> int:
    at = request.need_moment(name)
    if at > raw.received_at + AHEAD:
        detail = (
            f"field {name!r} {moment.rfc3339(at)} is over 5 minutes after it was received "
            f"({moment.rfc3339(raw.received_at)}): check the clock and zone of the server"
        )
        raise Flaw(Reason.TIME_OUT_OF_RANGE, detail)
    return at


def _city(raw: Raw) -> str:
    return Fields(raw.headers).text(JURISDICTION) or ""
