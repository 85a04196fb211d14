"""Sikesal's webhook body to events.  Pure: bytes in, outcomes out."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sikesal.steps import CHANNELS, STEPS
from core import pushed_records
from core.events import Event
from core.fields import Fields, Flaw
from core.manifest import Raw
from core.outcome import Reason, Reject

__all__ = ["STEPS", "parse"]


def parse(raw: Raw) -> Iterator[Event | Reject]:
    """Outcomes of each record of the body (README.md: one record, or a list)."""
    return pushed_records.outcomes(raw.body, _events)


def _events(record: Fields) -> Iterator[Event]:
    kind = record.need("jenis").casefold()
    step = STEPS.get(kind)
    if step is None:
        detail = f"field 'jenis' {kind!r} is none of {', '.join(STEPS)}"
        raise Flaw(Reason.UNKNOWN_TYPE, detail)
    channel = record.choice("kanal", CHANNELS) or "sikesal"
    case = pushed_records.case(record, channel)
    fields = {"case_id": case.case_id, **step.read(record)}
    once = step.name == "submitted"
    told = step.to_master.tell(record, case) if step.to_master else None
    yield Event(step.event_type, case.event_id(step.name, once=once), case.at, channel, fields)
    if step.to_master and told:
        # Its id is made of the copy's number and count: a master has many copies.
        name = case.event_id(step.to_master.name, once=False)
        yield Event(step.to_master.event_type, name, case.at, channel, told)
