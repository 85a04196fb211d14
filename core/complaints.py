"""A complaint case: the set of its events, and everything derived from that set.

Events are ordered by (occurred_at, event_id), never by arrival.  Rules: conventions C2b, C3, C4,
C10 and C10b of the KPI catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from core import calendar, reference
from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.moment import HOUR

LIFECYCLE = (
    "complaint.archived", "complaint.assigned", "complaint.closed",
    "complaint.completed_by_reporter", "complaint.duplicate_linked",
    "complaint.duplicate_unlinked", "complaint.forwarded", "complaint.notified",
    "complaint.progressed", "complaint.published", "complaint.rejected", "complaint.reopened",
    "complaint.resolved", "complaint.responded",
    "complaint.submitted", "complaint.verified", "complaint.withdrawn",
)  # fmt: skip
"""Every event type that a KPI of complaints may look at."""
_ENDINGS = {
    "complaint.rejected": "rejected",
    "complaint.withdrawn": "withdrawn",
    "complaint.archived": "archived",
}
_NOT_A_COMPLAINT = {"wbs", "aspiration"}


@dataclass(frozen=True)
class Complaint:
    """One case.  `events` is sorted; `submitted` is its first submission."""

    events: tuple[Event, ...]
    submitted: Event

    @classmethod
    def of(cls, events: Iterable[Event]) -> Complaint | None:
        """The case, or None while its submission is not known."""
        ordered = in_order(events)
        first = first_of(ordered, "complaint.submitted")
        return cls(ordered, first) if first else None

    @property
    def case_id(self) -> str:
        """Number of the case."""
        return self.submitted.text("case_id")

    @property
    def submitted_at(self) -> int:
        """When the citizen filed it."""
        return self.submitted.occurred_at

    @property
    def category(self) -> str:
        """Category code of the source; `unknown` when absent."""
        return self.submitted.text("category") or "unknown"

    @cached_property
    def opd(self) -> str:
        """The agency that holds the case now; `unassigned` when none does."""
        names = [
            e.text("opd")
            for e in self.events
            if e.type in {"complaint.submitted", "complaint.forwarded", "complaint.assigned"}
        ]
        return next((name for name in reversed(names) if name), "unassigned")

    @cached_property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id (convention C11)."""
        kelurahan = self.submitted.text("kelurahan_code")
        kecamatan = self.submitted.text("kecamatan_code") or kelurahan[:8]
        return {
            "city": "city",
            "opd": self.opd,
            "channel": self.submitted.source,
            "category": self.category,
            "kecamatan": kecamatan or "unlocated",
            "kelurahan": kelurahan or "unlocated",
        }

    @cached_property
    def sla_class(self) -> str:
        """Class of the last verdict that names a known one; else by kind; else 14 days."""
        for event in reversed(self.events):
            if event.text("sla_class") in reference.NATIONAL_LIMIT_DAYS:
                return event.text("sla_class")
        return "info" if self.submitted.text("kind") == "info" else reference.UNKNOWN_CLASS

    @cached_property
    def complete_at(self) -> int | None:
        """C10b: valid verdict, else completion by the reporter, else submission; None: paused."""
        complete: int | None = self.submitted_at
        verified = False
        for event in self.events:
            if event.type == "complaint.verified" and event.text("verdict") == "incomplete":
                complete, verified = None, False
            elif event.type == "complaint.completed_by_reporter" and complete is None:
                complete = event.occurred_at
            elif event.type == "complaint.verified" and not verified:
                complete, verified = event.occurred_at, True
        return complete

    @cached_property
    def due_at(self) -> int | None:
        """The instant by which it must be resolved; None while paused or without a promise."""
        if self.submitted.text("sla_basis") == "source":
            return self.submitted.whole("due_at")
        if self.complete_at is None:
            return None
        return calendar.due(self.complete_at, reference.NATIONAL_LIMIT_DAYS[self.sla_class])

    @cached_property
    def resolved_at(self) -> int | None:
        """C4: the last `resolved` that no objection within 10 working days has undone."""
        reopened = [e.occurred_at for e in self.events if e.type == "complaint.reopened"]
        for event in reversed(self.events):
            if event.type == "complaint.resolved":
                at = event.occurred_at
                limit = calendar.due(at, reference.REOPEN_DAYS)
                if not any(at <= again <= limit for again in reopened):
                    return at
        return None

    @cached_property
    def linked(self) -> bool:
        """C3: a duplicate of a master case, or a copy of a case filed through another channel."""
        last = [e.type for e in self.events if "duplicate_" in e.type]
        return last[-1:] == ["complaint.duplicate_linked"] or bool(
            self.submitted.text("origin_ref")
        )

    @cached_property
    def left_out(self) -> str | None:
        """Why the SLA KPIs do not count the case; None when they do (C9, C10)."""
        for event in self.events:
            if event.type in _ENDINGS:
                return _ENDINGS[event.type]
        return self.stands_apart

    @cached_property
    def stands_apart(self) -> str | None:
        """Why it is no complaint of its own, however it ends: a duplicate, or of another kind."""
        if self.linked:
            return "duplicate"
        kind = self.submitted.text("kind")
        return kind if kind in _NOT_A_COMPLAINT else None

    @cached_property
    def long_cycle(self) -> bool:
        """The agency says that it needs capital works."""
        return any(e.flag("long_cycle") for e in self.events)

    @property
    def sikesal_due_at(self) -> int:
        """Sikesal's own wall-clock promise by category."""
        hours = reference.SIKESAL_HOURS.get(self.category, reference.SIKESAL_HOURS_DEFAULT)
        return self.submitted_at + hours * HOUR

    def open_spans(self) -> list[tuple[int, int | None]]:
        """[from, to) spans in which the case is open, complete and not paused; None: still."""
        return _spans(self)


COMPLAINT = Subject("complaint", "complaint", Complaint.of)


def _spans(case: Complaint) -> list[tuple[int, int | None]]:
    """Walk the events once; `since` is when the present open span began."""
    # A case that is verified at all becomes valid by its verdict; one that never is, at once.
    verifies = any(event.type == "complaint.verified" for event in case.events)
    spans: list[tuple[int, int | None]] = []
    since: int | None = None
    resolved: int | None = None
    for event in case.events:
        if since is None and _opens(event, resolved, verifies=verifies):
            since, resolved = event.occurred_at, None
        elif since is not None and _ends(event):
            spans.append((since, event.occurred_at))
            since = None
        if event.type == "complaint.resolved":
            resolved = event.occurred_at
        if event.type in _ENDINGS or event.type == "complaint.closed":
            break
    if since is not None:
        spans.append((since, None))
    return spans


def _opens(event: Event, resolved: int | None, *, verifies: bool) -> bool:
    if event.type == "complaint.reopened":
        return resolved is not None and event.occurred_at <= calendar.due(
            resolved, reference.REOPEN_DAYS
        )
    if resolved is not None:
        return False
    if event.type == "complaint.submitted":
        return not verifies
    return event.type == "complaint.completed_by_reporter" or (
        event.type == "complaint.verified" and event.text("verdict") != "incomplete"
    )


def _ends(event: Event) -> bool:
    # A link does not end it: linked cases are left out as a whole, unlinked ones were always open.
    return (
        event.type in _ENDINGS
        or event.type in {"complaint.resolved", "complaint.closed"}
        or (event.type == "complaint.verified" and event.text("verdict") == "incomplete")
    )
