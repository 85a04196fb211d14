"""A complaint, from filing to closing (conventions C4, C9, C10 and C10b of the KPI catalogue)."""

from __future__ import annotations

from collections.abc import Sequence

from core.events import Event
from core.law import Law
from core.lifecycle import STAYS, Lifecycle, Step, by_type, moves

RECEIVED, WAITING, CLOSED = "received", "waiting", "closed"
OPEN = frozenset({"valid", "completed", "reopened"})
"""States in which the agency has it and nobody is asked for more."""
ENDINGS = frozenset({"rejected", "withdrawn", "archived"})
"""States of a case that ended without a resolution; each is also the reason of convention C9."""

_OPEN = " ".join(sorted(OPEN))
_LEFT_OUT = "C9: left out all the same, whatever came before"


def _named(event: Event, before: Sequence[Step], law: Law) -> str:
    """A verdict by what it says; an objection by whether it is in time."""
    if event.type == "complaint.verified" and event.text("verdict") == "incomplete":
        return "found_incomplete"
    if event.type == "complaint.reopened":
        resolved = (s.event.occurred_at for s in reversed(before) if s.name == "resolved")
        last = next(resolved, None)
        if last is not None:
            limit = law.due(last, lambda stand: stand.sla.reopen_days, last)
            if event.occurred_at > limit.at:
                return "reopened_too_late"
    return by_type(event, before, law)


_NAMES = {
    "complaint.submitted": ("submitted",),
    "complaint.verified": ("verified", "found_incomplete"),
    "complaint.completed_by_reporter": ("completed_by_reporter",),
    "complaint.forwarded": ("forwarded",),
    "complaint.assigned": ("assigned",),
    "complaint.progressed": ("progressed",),
    "complaint.responded": ("responded",),
    "complaint.resolved": ("resolved",),
    "complaint.reopened": ("reopened", "reopened_too_late"),
    "complaint.closed": ("closed",),
    "complaint.rejected": ("rejected",),
    "complaint.withdrawn": ("withdrawn",),
    "complaint.archived": ("archived",),
    "complaint.rated": ("rated",),
    "complaint.notified": ("notified",),
    "complaint.published": ("published",),
}

COMPLAINT_LIFE = Lifecycle(
    kind="complaint",
    title_en="Complaint",
    title_id="Pengaduan",
    opens="complaint.submitted",
    start="unfiled",
    opened=RECEIVED,
    names=_NAMES,
    naming=_named,
    declared=moves(
        ("unfiled", "submitted", RECEIVED),
        (f"{RECEIVED} {WAITING} completed", "verified", "valid"),
        (f"{RECEIVED} {_OPEN} {WAITING}", "found_incomplete", WAITING),
        (WAITING, "completed_by_reporter", "completed"),
        (f"{RECEIVED} {_OPEN}", "forwarded assigned progressed", STAYS),
        (f"{RECEIVED} {WAITING} {_OPEN} resolved", "responded", STAYS),
        (f"{RECEIVED} {_OPEN}", "resolved", "resolved"),
        ("resolved", "reopened", "reopened"),
        ("resolved", "closed", "closed"),
        (f"{RECEIVED} {WAITING} {_OPEN}", "rejected", "rejected"),
        (f"{RECEIVED} {WAITING} {_OPEN}", "withdrawn", "withdrawn"),
        (WAITING, "archived", "archived"),
        ("rejected withdrawn archived", "closed", STAYS),
        ("resolved closed", "rated", STAYS),
        (
            f"{RECEIVED} {WAITING} {_OPEN} resolved closed rejected withdrawn archived",
            "notified published",
            STAYS,
        ),
        (RECEIVED, "completed_by_reporter", "completed", "C10b: nobody had asked; it is complete"),
        ("valid reopened", "verified", STAYS, "C10b: the first verdict starts the clock"),
        (WAITING, "resolved", "resolved", "C4: a resolution is one, asked for more or not"),
        ("resolved", "resolved", STAYS, "C4: the last resolution counts"),
        ("resolved", "reopened_too_late", STAYS, "C4: the resolution stands after 10 working days"),
        ("closed", "reopened", STAYS, "C4: undoes the resolution; the backlog stays without it"),
        (f"{RECEIVED} {WAITING} {_OPEN}", "closed", "closed", "closed without a resolution"),
        ("resolved closed", "rejected", "rejected", _LEFT_OUT),
        ("resolved closed", "withdrawn", "withdrawn", _LEFT_OUT),
        (f"{RECEIVED} {_OPEN} resolved closed", "archived", "archived", _LEFT_OUT),
    ),
)
