"""A request for a public service (Sipaten): derived facts and the one-hour duplicate rule.

Rules: KPI 10 of the catalogue.  The clock starts when the file is complete, not at submission.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Protocol

import msgspec

from core import reference
from core.calendar import Due
from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.law import SHIPPED, Law, Recomputed, Stand
from core.lifecycles.request import REQUEST_LIFE, WITHDRAWN
from core.matter_tables import ServiceTable

REQUEST = Subject("request")
"""One that counts, after the one-hour rule: the join makes it."""


_STOPPING = frozenset({"service.decided", "service.withdrawn"})


class Asked(Protocol):
    """A request, whatever else is known of it."""

    @property
    def case_id(self) -> str:
        """Number of the case."""

    @property
    def requested_at(self) -> int:
        """When it was made."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """What the join stage needs to know of one request; times are moments.

    `group` is the applicant and service, or the case itself when the applicant is unknown.
    """

    case_id: str
    group: str
    requested_at: int
    due_at: int | None
    decided_at: int | None
    withdrawn: bool
    kecamatan: str
    kelurahan: str
    app: str = "sipaten"
    service_code: str = ""
    subject_type: str = ""
    channel: str = ""
    auto_granted: bool = False
    completed_at: int | None = None
    delivery: str = ""
    visited: bool = False
    digitisable: bool = False
    """Whether it could be had without coming, as of its completion."""
    due_known: bool = True
    """False: no calendar knows the year in which it falls due, at `due_at` at the earliest."""

    @classmethod
    def of(cls, events: Iterable[Event], law: Law = SHIPPED) -> Request | None:
        """The request, or None while its submission is not known."""
        ordered = in_order(events)
        first = first_of(ordered, "service.requested")
        if first is None:
            return None
        applicant, code = first.text("applicant_key"), first.text("service_code")
        complete = _first(ordered, "service.completeness_decided")
        stopped, due = stopped_at(ordered), None
        if complete is not None:
            due = law.due(complete, partial(standard, code), stopped)
        known = law.at(stopped).registers.known
        completed = _first(ordered, "service.completed")
        letters = law.at(completed).read(ServiceTable)
        kelurahan = first.text("kelurahan_code")
        kecamatan = first.text("kecamatan_code") or kelurahan[:8]
        return cls(
            case_id=first.text("case_id"),
            group=f"{applicant}|{code}" if applicant else first.text("case_id"),
            requested_at=first.occurred_at,
            due_at=due.at if due else None,
            due_known=due is None or due.known,
            decided_at=_first(ordered, "service.decided"),
            withdrawn=REQUEST_LIFE.walk(ordered, law)[-1].state == WITHDRAWN,
            kecamatan=known("kecamatan", kecamatan or "unlocated"),
            kelurahan=known("kelurahan", kelurahan or "unlocated"),
            app=first.text("app") or first.source,
            service_code=code,
            subject_type=first.text("subject_type"),
            channel=first.text("channel"),
            auto_granted=_text(ordered, "service.decided", "outcome") == "auto_granted",
            completed_at=completed,
            delivery=_text(ordered, "service.completed", "delivery"),
            digitisable=letters.digitisable(code),
            visited=any(e.type == "service.counter_visit" for e in ordered),
        )

    @property
    def due(self) -> Due | None:
        """By when it must be decided; None while its file is not complete."""
        return None if self.due_at is None else Due(self.due_at, self.due_known)

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        return {
            "city": "city",
            "kecamatan": self.kecamatan,
            "kelurahan": self.kelurahan,
            "channel": self.app,
            "category": self.service_code or "unknown",
        }


def recomputed(events: Iterable[Event], law: Law) -> tuple[Recomputed, ...]:
    """What other versions made of the due instant of a request while it was open."""
    ordered = in_order(events)
    first = first_of(ordered, "service.requested")
    complete = _first(ordered, "service.completeness_decided")
    if first is None or complete is None:
        return ()
    limit = partial(standard, first.text("service_code"))
    return law.recomputed(first.text("case_id"), "decision", complete, limit, stopped_at(ordered))


def counting(group: Iterable[Request]) -> list[Request]:
    """The requests of a group that count: all but those that repeat an earlier one."""
    known = list(group)
    again = duplicates(known)
    return [request for request in known if request.case_id not in again]


def duplicates(group: Iterable[Asked]) -> frozenset[str]:
    """Case ids that repeat an earlier counted request of the same group within one hour."""
    again: set[str] = set()
    counted: int | None = None
    for request in sorted(group, key=lambda r: (r.requested_at, r.case_id)):
        if counted is not None and request.requested_at - counted <= reference.DUPLICATE_REQUEST:
            again.add(request.case_id)
        else:
            counted = request.requested_at
    return frozenset(again)


def standard(code: str, stand: Stand) -> int:
    """Working days in which a service is to be decided."""
    return stand.service_standard.days.get(code, stand.service_standard.default_days)


def stopped_at(ordered: Iterable[Event]) -> int | None:
    """When the clock of its decision stopped; None while it runs."""
    for event in ordered:
        if event.type in _STOPPING:
            return event.occurred_at
    return None


def _text(ordered: Iterable[Event], event_type: str, name: str) -> str:
    """A text of the first event of a type."""
    event = first_of(ordered, event_type)
    return event.text(name) if event else ""


def _first(ordered: Iterable[Event], event_type: str) -> int | None:
    for event in ordered:
        if event.type == event_type and event.fields.get("complete", True):
            return event.occurred_at
    return None
