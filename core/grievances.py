"""A complaint about a service beside the record of that service.

Rules: KPI 32 of the catalogue.  The record is the request that the complaint names, else the one of
the applicant and service within 30 days of the complaint.  What the record said when the complaint
was made is held against what the complaint claims; either side may be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec.structs import replace

from core import reference
from core.complaints import Complaint
from core.filings import Twin
from core.kpi import Subject
from core.requests import duplicates
from core.service_records import Record, Version

LATE, NOT_DELIVERED = "late", "not_delivered"
EXTRA_FEE, EXTRA_REQUIREMENT = "extra_fee", "extra_requirement"
CLAIMS = frozenset({LATE, NOT_DELIVERED, EXTRA_FEE, EXTRA_REQUIREMENT})

Finding = Literal["agree", "claim_worse", "record_worse"]
"""Whether claim and record say the same, and if not, in which of the two the service is worse."""

GRIEVANCE = Subject("grievance")


class Grievance(msgspec.Struct, frozen=True, gc=False):
    """What the join stage needs to know of one complaint about a service.

    `key` is what its record is looked up by: the case id of a request, else applicant and service,
    else its own case id, by which nothing is found.  `fee` is what it says was asked, in rupiah.
    """

    case_id: str
    key: str
    claim: str
    fee: int | None
    filed_at: int
    service_code: str
    kecamatan: str
    left_out: str | None
    twin: Twin | None = None
    """What tells whether it was filed before; None: it was not, or told by an older program."""

    @classmethod
    def of(cls, case: Complaint) -> Grievance | None:
        """The grievance, or None of a complaint that is about no service."""
        said = case.submitted
        service, request = said.text("about_service"), said.text("request_id")
        if not (service or request or said.text("claim")):
            return None
        applicant = said.text("applicant_key") or said.text("reporter_key")
        return cls(
            case_id=case.case_id,
            key=request or _by_applicant(applicant, service) or case.case_id,
            claim=said.text("claim"),
            fee=said.whole("claimed_fee"),
            filed_at=case.submitted_at,
            service_code=service or "unknown",
            kecamatan=case.scopes["kecamatan"],
            left_out=case.left_out,
            twin=Twin.of(case),
        )

    def as_copy(self) -> Grievance:
        """The same of a case that was filed before, as of one that is linked."""
        return replace(self, left_out=self.left_out or "duplicate")


@dataclass(frozen=True, slots=True)
class Compared:
    """A grievance and its record, None where there is none."""

    grievance: Grievance
    record: Record | None

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id, of the record where there is one."""
        side = self.record or self.grievance
        return {
            "city": "city",
            "category": side.service_code or "unknown",
            "kecamatan": side.kecamatan,
        }

    @property
    def name(self) -> str:
        """The cases of both sides."""
        record = f" / {self.record.case_id}" if self.record else ""
        return f"{self.grievance.case_id}{record}"

    @property
    def left_out(self) -> str | None:
        """Why it cannot be judged; None when it can (C9)."""
        if self.grievance.left_out:
            return self.grievance.left_out
        if self.grievance.claim not in CLAIMS:
            return "no_claim"
        if self.record is None:
            return "unlinkable"
        return "record_silent" if self.finding is None else None

    @property
    def finding(self) -> Finding | None:
        """What the comparison says; None where the record says nothing of what is claimed."""
        grievance, record = self.grievance, self.record
        if record is None or record.requested_at > grievance.filed_at:
            return None
        said = record.at(grievance.filed_at)
        match grievance.claim:
            case "late":
                return _late(said, grievance.filed_at)
            case "not_delivered":
                return "agree" if said.completed_at is None else "claim_worse"
            case "extra_fee":
                return _extra_fee(said, grievance.fee)
            case "extra_requirement":
                return _extra_requirement(said)
            case _:
                return None


def of_applicant(applicant: str, service_code: str) -> str:
    """The key of what an applicant asked for of one service."""
    return f"{applicant}|{service_code}"


def _by_applicant(applicant: str, service_code: str) -> str | None:
    return of_applicant(applicant, service_code) if applicant and service_code else None


def record_of(grievance: Grievance, records: Sequence[Record]) -> Record | None:
    """The record that a grievance is about, of those that its key leads to.

    A request that it names is the one.  Else the last request of the applicant before the
    complaint, or the first after it, both within 30 days and no repetition of another (KPI 10).
    """
    for record in records:
        if record.case_id == grievance.key:
            return record
    at = grievance.filed_at
    again = duplicates(records)
    near = [
        record
        for record in records
        if record.case_id not in again and abs(record.requested_at - at) <= reference.LINKED_WITHIN
    ]
    before = [r for r in near if r.requested_at <= at]
    if before:
        return max(before, key=lambda record: record.requested_at)
    return min(near, key=lambda record: record.requested_at, default=None)


def _late(said: Version, at: int) -> Finding | None:
    """On time by the standard is at odds with it, and so is a request that may still be decided."""
    if said.due_at is None or said.withdrawn:
        return None
    ended = at if said.decided_at is None else said.decided_at
    return "agree" if ended > said.due_at or said.lapsed else "claim_worse"


def _extra_fee(said: Version, claimed: int | None) -> Finding | None:
    if said.tariff is None:
        return None
    if said.fee <= said.tariff:
        return "claim_worse"
    if claimed is None or claimed == said.fee:
        return "agree"
    return "claim_worse" if claimed > said.fee else "record_worse"


def _extra_requirement(said: Version) -> Finding | None:
    if said.documents is None:
        return None
    return "agree" if said.asked_for - said.documents else "claim_worse"
