"""Rows of the case file to events.  Pure: bytes in, outcomes out.

A row is a submission and, once closed, a resolution.  It is judged by the target that the city
set itself (`sla_basis` "source"); without a target the KPIs exclude it as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from connectors.boston311.columns import meanings
from connectors.boston311.local_time import local_moment
from core import csv_body, moment
from core.csv_body import Row
from core.events import Event, event_id
from core.fields import Fields, Flaw
from core.manifest import Raw
from core.outcome import Reason, Reject

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")
_STATUS = {"open": "open", "closed": "closed"}


def parse(raw: Raw) -> Iterator[Event | Reject]:
    """One or two events for each row, or its reject; one reject for a file with a wrong header."""
    rows = csv_body.rows(csv_body.decode(raw.body))
    header = next(rows, None)
    try:
        names = _names(header)
        columns = meanings(names)
    except Flaw as flaw:
        yield flaw.reject(raw.body)
        return
    for row in rows:
        try:
            yield from _events(_fields(row, columns, len(names)))
        except Flaw as flaw:
            yield flaw.reject(row.raw)


def _names(header: Row | None) -> tuple[str, ...]:
    if header is None or header.cells is None:
        raise Flaw(Reason.UNDECODABLE, "no CSV: the file does not begin with a header")
    return header.cells


def _fields(row: Row, columns: Mapping[int, str], width: int) -> Fields:
    if row.cells is None:
        raise Flaw(
            Reason.UNDECODABLE, "the row's quotes do not end, or end in the middle of a cell"
        )
    if len(row.cells) != width:
        detail = f"the row has {len(row.cells)} cells, the header has {width}"
        raise Flaw(Reason.INVALID, detail)
    return Fields({meaning: row.cells[place] for place, meaning in columns.items()})


def _events(row: Fields) -> Iterator[Event]:
    number = row.need_match("id", _ID, "101001399360")
    row.need("opened")
    opened = local_moment(row, "opened") or 0
    closed = local_moment(row, "closed", not_before=opened)
    if closed is not None and closed < opened:
        detail = f"closed {row.text('closed')}, before it was opened {row.text('opened')}"
        raise Flaw(Reason.CONTRADICTORY, detail)
    submitted = _submitted(row, f"boston311:{number}", opened)
    yield submitted
    yield from _resolved(row, submitted, closed)


def _submitted(row: Fields, case_id: str, opened: int) -> Event:
    lat, lon = row.point("lat", "lon")
    fields = {
        "case_id": case_id,
        "source_ref": case_id.removeprefix("boston311:"),
        "category": row.text("reason") or row.text("type"),
        "opd": row.text("department") or row.text("subject"),
        "lat": lat,
        "lon": lon,
        "due_at": local_moment(row, "target", not_before=opened),
        "sla_basis": "source",
    }
    return Event(
        "complaint.submitted", event_id(case_id, "submitted", ""), opened, "boston311", fields
    )


def _resolved(row: Fields, submitted: Event, closed: int | None) -> Iterator[Event]:
    """The resolution of a closed case.  Raises Flaw when only it is wrong, not the case."""
    is_closed = row.need_choice("status", _STATUS) == "closed"
    if is_closed and closed is None:
        raise Flaw(Reason.MISSING_FIELD, "the case is closed without a time of closing")
    if not is_closed and closed is not None:
        raise Flaw(Reason.CONTRADICTORY, "the case is open and has a time of closing")
    if closed is not None:
        case_id = submitted.text("case_id")
        fields = {"case_id": case_id, "opd": submitted.fields["opd"]}
        same = event_id(case_id, "resolved", moment.rfc3339(closed))
        yield Event("complaint.resolved", same, closed, "boston311", fields)
