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
    """One outcome for each record of the body (README.md: one record, or a list)."""
    return pushed_records.outcomes(raw.body, _event)


def _event(record: Fields) -> Event:
    kind = record.need("jenis").casefold()
    step = STEPS.get(kind)
    if step is None:
        detail = f"field 'jenis' {kind!r} is none of {', '.join(STEPS)}"
        raise Flaw(Reason.UNKNOWN_TYPE, detail)
    channel = record.choice("kanal", CHANNELS) or "sikesal"
    case = pushed_records.case(record, channel)
    fields = {"case_id": case.case_id, **step.read(record)}
    if fields.get("master_case_id") == case.case_id:
        raise Flaw(Reason.CONTRADICTORY, f"{case.case_id} cannot be the duplicate of itself")
    once = step.name == "submitted"
    return Event(step.event_type, case.event_id(step.name, once=once), case.at, channel, fields)
