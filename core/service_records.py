"""What the record of a service request says, and what it said at an earlier instant.

Rules: KPI 32 of the catalogue.  A record that is corrected after a complaint is judged as it was
when the complaint was made, so each fact keeps the instant from which the record told it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec

from core.events import Event
from core.law import Law
from core.matter_tables import ServiceTable
from core.services import ServiceFile
from core.tables import shipped

Fact = tuple[int, str, bool | int | str | None]
"""From when the record says it, what (a field of `Version`), and its value.

`=` before the name: an amendment, which replaces what was said.  Without it the first decision,
completion and so on is the one that counts, fees add up, and documents asked for are collected.
Tariff and list of a later version of the tables are facts too, from when it is in force.
"""
_COMPLETE = {"complete_at", "=complete_at"}
_AMENDED = ("complete_at", "decided_at", "completed_at", "fee")


@dataclass(frozen=True, slots=True)
class Version:
    """The record as it stood at one instant; times are moments, `fee` whole rupiah charged.

    `due_at` is when it was to be decided by the standard; None too where no calendar tells.
    `lapsed`: nobody decided, so it was granted by law.  `asked_for`: codes of the documents.
    `tariff` and `documents` are what may be charged and asked for; None: that is not known.
    """

    complete_at: int | None = None
    due_at: int | None = None
    decided_at: int | None = None
    completed_at: int | None = None
    withdrawn: bool = False
    lapsed: bool = False
    fee: int = 0
    asked_for: frozenset[str] = frozenset()
    tariff: int | None = None
    documents: frozenset[str] | None = None


class Record(msgspec.Struct, frozen=True, gc=False):
    """One request for a service; `facts` are in the order in which they were told."""

    case_id: str
    applicant: str
    service_code: str
    kecamatan: str
    requested_at: int
    facts: tuple[Fact, ...]

    @classmethod
    def of(cls, file: ServiceFile) -> Record:
        """Of its file; the law says when it was due."""
        facts = [fact for event in _by_version(file.events) for fact in _facts(event)]
        for at, what, complete in [fact for fact in facts if fact[1] in _COMPLETE]:
            due = file.due(int(complete or 0))
            if due.known:
                facts.append((at, what.replace("complete_at", "due_at"), due.at))
        return cls(
            case_id=file.case_id,
            applicant=file.requested.text("applicant_key"),
            service_code=file.service_code,
            kecamatan=file.scopes["kecamatan"],
            requested_at=file.submitted_at,
            facts=(*facts, *_published(file.service_code, file.law)),
        )

    def at(self, instant: int) -> Version:
        """What it said then, what was told at that very instant included."""
        letters = shipped(ServiceTable)
        said: dict[str, Any] = {
            "tariff": letters.tariff(self.service_code),
            "documents": letters.documents(self.service_code),
        }
        for _, what, value in (fact for fact in self.facts if fact[0] <= instant):
            name = what.removeprefix("=")
            if name == "asked_for":
                kept = said.get(name, frozenset()) if name == what else frozenset()
                said[name] = kept | frozenset(str(value).split())
            elif name == "documents":
                said[name] = None if value is None else frozenset(str(value).split())
            elif what == "fee":
                said[name] = said.get(name, 0) + value
            elif name != what:
                said[name] = value
                if name == "decided_at":
                    said["lapsed"] = False
            else:
                said.setdefault(name, value)
        return Version(**said)


@lru_cache(maxsize=1_024)
def _published(service_code: str, law: Law) -> tuple[Fact, ...]:
    """Tariff and documents from the versions after the first, where they are others."""
    return tuple(_replaced(service_code, law))


def _replaced(service_code: str, law: Law) -> Iterator[Fact]:
    for old, new in pairwise(law.stands):
        before, after = old.read(ServiceTable), new.read(ServiceTable)
        if (tariff := after.tariff(service_code)) != before.tariff(service_code):
            yield new.since, "=tariff", tariff
        documents = after.documents(service_code)
        if documents != before.documents(service_code):
            listed = None if documents is None else " ".join(sorted(documents))
            yield new.since, "=documents", listed


def _by_version(ordered: Sequence[Event]) -> Sequence[Event]:
    """Amendments of one instant in the order of the source's own count."""
    if not any("version" in event.fields for event in ordered):
        return ordered
    return sorted(ordered, key=lambda e: (e.occurred_at, e.whole("version") or 0))


def _facts(event: Event) -> Iterator[Fact]:
    at = event.occurred_at
    match event.type:
        case "service.completeness_decided":
            if event.flag("complete"):
                yield at, "complete_at", at
            if asked := event.text("asked_for"):
                yield at, "asked_for", asked
        case "service.decided":
            yield at, "lapsed", event.text("outcome") == "auto_granted"
            yield at, "decided_at", at
        case "service.completed":
            yield at, "completed_at", at
        case "service.withdrawn":
            yield at, "withdrawn", True
        case "service.fee_charged":
            yield at, "fee", event.whole("amount") or 0
        case "service.record_amended":
            yield from _amended(event)
        case _:
            return


def _amended(event: Event) -> Iterator[Fact]:
    for name in _AMENDED:
        if (value := event.whole(name)) is not None:
            yield event.occurred_at, f"={name}", value
    asked = event.fields.get("asked_for")
    if isinstance(asked, str):
        yield event.occurred_at, "=asked_for", asked
