"""A request for a public service (Sipaten): derived facts and the one-hour duplicate rule.

Rules: KPI 10 of the catalogue.  The clock starts when the file is complete, not at submission.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from core import reference
from core.calendar import Due
from core.kpi import Subject
from core.lifecycles.request import REQUEST_LIFE, WITHDRAWN
from core.matter_tables import ServiceTable
from core.services import ServiceFile

REQUEST = Subject("request")
"""One that counts, after the one-hour rule: the join makes it."""


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
    def of(cls, file: ServiceFile) -> Request:
        """Of its file."""
        asked, scopes, first = file.requested, file.scopes, file.first
        applicant, code = asked.text("applicant_key"), file.service_code
        complete = first("service.completeness_decided")
        due = None if complete is None else file.due(complete.occurred_at)
        decided, completed = first("service.decided"), first("service.completed")
        completed_at = None if completed is None else completed.occurred_at
        letters = file.law.at(completed_at).read(ServiceTable)
        return cls(
            case_id=file.case_id,
            group=f"{applicant}|{code}" if applicant else file.case_id,
            requested_at=file.submitted_at,
            due_at=due.at if due else None,
            due_known=due is None or due.known,
            decided_at=None if decided is None else decided.occurred_at,
            withdrawn=REQUEST_LIFE.walk(file.events, file.law)[-1].state == WITHDRAWN,
            kecamatan=scopes["kecamatan"],
            kelurahan=scopes["kelurahan"],
            app=scopes["channel"],
            service_code=code,
            subject_type=asked.text("subject_type"),
            channel=asked.text("channel"),
            auto_granted=decided is not None and decided.text("outcome") == "auto_granted",
            completed_at=completed_at,
            delivery="" if completed is None else completed.text("delivery"),
            digitisable=letters.digitisable(code),
            visited=first("service.counter_visit") is not None,
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


def counting(group: Iterable[Request]) -> list[Request]:
    """The requests of a group that count: all but those that repeat an earlier one."""
    known = list(group)
    if len(known) == 1:
        return known
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
