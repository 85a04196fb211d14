"""A complaint case: the set of its events, and everything derived from that set.

Events are ordered by (occurred_at, event_id), never by arrival.  Rules: conventions C2b, C3, C4,
C10 and C10b of the KPI catalogue.  Each clock is judged by the tables in force when it stopped
(C2c), whenever and with whichever filing it began (decision 0016).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from propcache.api import cached_property

from core.calendar import Due
from core.events import Event, first_of, in_order
from core.kpi import Subject, case_lateness
from core.law import SHIPPED, Law, Recomputed, Stand
from core.lifecycle import Step
from core.lifecycles.complaint import CLOSED, COMPLAINT_LIFE, ENDINGS, OPEN, RECEIVED, WAITING
from core.lifecycles.complaint_link import LINK_LIFE, LINKED, copies
from core.moment import HOUR

LIFECYCLE = (
    "complaint.archived", "complaint.assigned", "complaint.closed",
    "complaint.completed_by_reporter", "complaint.duplicate_gained", "complaint.duplicate_linked",
    "complaint.duplicate_lost", "complaint.duplicate_unlinked", "complaint.forwarded",
    "complaint.notified", "complaint.progressed", "complaint.published", "complaint.rejected",
    "complaint.reopened", "complaint.resolved", "complaint.responded", "complaint.submitted",
    "complaint.verified", "complaint.withdrawn",
)  # fmt: skip
"""Every event type that a KPI of complaints may look at."""
_NOT_A_COMPLAINT = {"wbs", "aspiration"}
_PAUSED = frozenset({WAITING})
_OVER = ENDINGS | {CLOSED}
_OPEN_UNVERIFIED = OPEN | {RECEIVED}
_HOLDING = frozenset({"complaint.submitted", "complaint.forwarded", "complaint.assigned"})
_OF_LINK = {"linked", "left_out", "stands_apart", "over_at"}
"""What of a case depends on whether it is a duplicate."""


def _as_it_is(_scope_type: str, code: str) -> str:
    return code


class Filed(NamedTuple):
    """A filing: when it was, and as which case."""

    at: int
    case_id: str


@dataclass(frozen=True)
class Complaint:
    """One case.  `events` is sorted; `submitted` is its first submission; `law` judges it."""

    events: tuple[Event, ...]
    submitted: Event
    law: Law = SHIPPED

    @classmethod
    def of(cls, events: Iterable[Event], law: Law = SHIPPED) -> Complaint | None:
        """The case, or None while its submission is not known."""
        ordered = in_order(events)
        first = first_of(ordered, "complaint.submitted")
        return cls(ordered, first, law) if first else None

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[Event]]:
        found: dict[str, list[Event]] = {}
        for event in self.events:
            found.setdefault(event.type, []).append(event)
        return found

    def told(self, event_type: str) -> Sequence[Event]:
        """Its events of a type, in order: most that is derived asks for a few of all."""
        return self._by_type.get(event_type, ())

    def times(self, event_type: str) -> tuple[int, ...]:
        """When they happened."""
        return tuple([event.occurred_at for event in self._by_type.get(event_type, ())])

    def first_at(self, event_type: str) -> int | None:
        """When the first of them happened."""
        told = self._by_type.get(event_type)
        return told[0].occurred_at if told else None

    @cached_property
    def life(self) -> tuple[Step, ...]:
        """Its walk through the lifecycle; links are apart from it."""
        return COMPLAINT_LIFE.walk(self.events, self.law)

    @property
    def case_id(self) -> str:
        """Number of the case."""
        return self.submitted.text("case_id")

    @property
    def submitted_at(self) -> int:
        """When its own citizen filed it: what counts filings, voices and claims asks for this."""
        return self.submitted.occurred_at

    @cached_property
    def begun(self) -> Filed:
        """C3 (iii): the earliest filing of its matter, its own or that of a copy linked to it."""
        own = Filed(self.submitted_at, self.case_id)
        if not self._links:
            return own
        told = copies(self._links).items()
        return min([own, *(Filed(at, name) for name, at in told if at < own.at)])

    @property
    def begun_at(self) -> int:
        """When the first citizen filed it: with this the clocks of the SLA KPIs begin."""
        return self.begun.at

    @cached_property
    def _links(self) -> tuple[Step, ...]:
        return LINK_LIFE.walk(self.events, self.law)

    @property
    def category(self) -> str:
        """Category code of the source; `unknown` when absent."""
        return self.submitted.text("category") or "unknown"

    @cached_property
    def opd(self) -> str:
        """The agency that holds the case now; `unassigned` when none does."""
        return self.opd_at(self.events[-1].occurred_at)

    def opd_at(self, at: int) -> str:
        """The agency that held the case at an instant; `unassigned` when none did."""
        for event in reversed(self._holdings):
            if event.occurred_at <= at:
                return event.text("opd")
        return "unassigned"

    @cached_property
    def _holdings(self) -> list[Event]:
        return [e for e in self.events if e.type in _HOLDING and e.text("opd")]

    @cached_property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id (convention C11)."""
        kelurahan = self.submitted.text("kelurahan_code")
        kecamatan = self.submitted.text("kecamatan_code") or kelurahan[:8]
        return {
            "city": "city",
            "opd": self.named("opd", self.opd),
            "channel": self.submitted.source,
            "category": self.named("category", self.category),
            "kecamatan": self.named("kecamatan", kecamatan or "unlocated"),
            "kelurahan": self.named("kelurahan", kelurahan or "unlocated"),
        }

    @cached_property
    def named(self) -> Callable[[str, str], str]:
        """Makes a scope of a scope type and a code: `unknown` when the register does not have it.

        The register is the one in force when it was closed; a source with own promises has own
        codes.
        """
        if self.submitted.text("sla_basis") == "source":
            return _as_it_is
        return self.law.at(self.closed_at).registers.known

    @cached_property
    def sla_class(self) -> str:
        """Class of the last verdict that names a known one; else by kind; else 14 days."""
        sla = self.law.at(self.closed_at).sla
        for event in reversed(self.told("complaint.verified")):
            if event.text("sla_class") in sla.resolution_days:
                return event.text("sla_class")
        return "info" if self.submitted.text("kind") == "info" else sla.unknown_class

    @cached_property
    def complete_at(self) -> int | None:
        """C10b: valid verdict, else completion by the reporter, else first filing; None: paused."""
        complete: int | None = self.begun_at
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
    def due(self) -> Due | None:
        """The instant by which it must be resolved; None while paused or without a promise."""
        if self.submitted.text("sla_basis") == "source":
            promised = self.submitted.whole("due_at")
            return None if promised is None else Due(promised)
        if self.complete_at is None:
            return None
        return self.law.due(self.complete_at, self._limit, self.closed_at)

    @property
    def due_at(self) -> int | None:
        """The same instant; None also while no calendar knows it."""
        return self.due.at if self.due is not None and self.due.known else None

    @property
    def recomputed(self) -> tuple[Recomputed, ...]:
        """What other versions made of its due instant while it was open."""
        if self.submitted.text("sla_basis") == "source" or self.complete_at is None:
            return ()
        return self.law.recomputed(
            self.case_id, "resolution", self.complete_at, self._limit, self.closed_at
        )

    def _limit(self, stand: Stand) -> int:
        days = stand.sla.resolution_days
        return days.get(self.sla_class, days[stand.sla.unknown_class])

    @cached_property
    def closed_at(self) -> int | None:
        """When it was done with, one way or another; None while it is open."""
        found = [at for at in (self.gave_up_at, self.resolved_at) if at is not None]
        return min(found, default=None)

    @cached_property
    def gave_up_at(self) -> int | None:
        """When it was first closed, or ended without a resolution; None while neither happened."""
        ends = (s.event.occurred_at for s in self.life if s.state in _OVER)
        return next(ends, None)

    @cached_property
    def resolved_at(self) -> int | None:
        """C4: the last `resolved` that no objection within 10 working days has undone."""
        for at in reversed(self.times("complaint.resolved")):
            if not self.reopened:
                return at
            limit = self.objection_ends(at).at
            if not any(at <= again <= limit for again in self.reopened):
                return at
        return None

    @cached_property
    def reopened(self) -> tuple[int, ...]:
        """When somebody objected."""
        return self.times("complaint.reopened")

    def objection_ends(self, resolved: int) -> Due:
        """The last instant to object to a resolution: 10 working days (C4)."""
        return self.law.due(resolved, lambda stand: stand.sla.reopen_days, resolved)

    @cached_property
    def unsettled(self) -> bool:
        """Whether no calendar tells if an objection came in time: nor what became of the case."""
        if not self.reopened:
            return False
        ends = ((at, self.objection_ends(at)) for at in self.times("complaint.resolved"))
        return any(not end.known and again > max(at, end.at) for at, end in ends
                   for again in self.reopened)  # fmt: skip

    @cached_property
    def linked(self) -> bool:
        """C3: a duplicate of a master case, or a copy of a case filed through another channel."""
        linked = bool(self._links) and self._links[-1].state == LINKED
        return linked or bool(self.submitted.text("origin_ref"))

    def as_copy(self) -> Complaint:
        """The same case as a duplicate; what does not depend on that is not derived anew."""
        copy = Complaint(self.events, self.submitted, self.law)
        known = {name: made for name, made in vars(self).items() if name not in _OF_LINK}
        vars(copy).update(known | {"linked": True})
        return copy

    @cached_property
    def left_out(self) -> str | None:
        """Why the SLA KPIs do not count the case; None when they do (C9, C10)."""
        state = self.life[-1].state
        return state if state in ENDINGS else self.stands_apart

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
        hours = self.law.at(self.closed_at).sla.sikesal_hours
        return self.begun_at + hours.get(self.category, hours["default"]) * HOUR

    @cached_property
    def over_at(self) -> int | None:
        """The end of the objection period after all that happened; None while it is open.

        A reopening after the objection period opens nothing: it is a new case (catalogue KPI 8).
        A linked case is over too: it is counted through its master.
        """
        ended: int | None = None
        for event in self.events:
            if event.type == "complaint.reopened":
                if ended is not None and event.occurred_at <= self.objection_ends(ended).at:
                    ended = None
            elif event.type in {"complaint.resolved", "complaint.closed"}:
                ended = event.occurred_at
        if ended is None and not self.linked and self.left_out not in ENDINGS:
            return None
        ends = self.objection_ends(self.events[-1].occurred_at)
        return ends.at if ends.known else None

    def open_spans(self) -> list[tuple[int, int | None]]:
        """[from, to) spans in which the case is open, complete and not paused; None: still."""
        # A case that is verified at all becomes valid by its verdict; one that never is, at once.
        verifies = self.told("complaint.verified")
        return self._spans(OPEN if verifies else _OPEN_UNVERIFIED)

    def paused_spans(self) -> list[tuple[int, int | None]]:
        """[from, to) spans in which it waits for its reporter; None: still."""
        return self._spans(_PAUSED)

    def _spans(self, counted: Collection[str]) -> list[tuple[int, int | None]]:
        spans: list[tuple[int, int | None]] = []
        since: int | None = None
        for step in self.life:
            if since is None and step.state in counted:
                first = step.event is self.submitted
                since = self.begun_at if first else step.event.occurred_at
            elif since is not None and step.state not in counted:
                spans.append((since, step.event.occurred_at))
                since = None
        return spans if since is None else [*spans, (since, None)]


def _over(case: Complaint) -> int | None:
    return case.over_at


COMPLAINT = Subject(
    "complaint", "complaint", judged=Complaint.of,
    over=_over, lateness=case_lateness(), opens=("complaint.submitted",),
)  # fmt: skip
