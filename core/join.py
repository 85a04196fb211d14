"""The join of one claims partition: incidents and closures of a class, requests of an applicant.

And complaints about a service with their records.  The same statement twice changes nothing; a
retraction removes it.  Cells are absolute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.cells import CellKey, Counters, Share, excluded
from core.closures import CLOSURE, Report
from core.counterparts import KINDS, Counterparts
from core.grievances import GRIEVANCE
from core.kpi import Case, Subject
from core.kpis import of
from core.ledger import Entry, Ledger, case_entries, entries
from core.requests import REQUEST, Request, counting
from core.triangulation import INCIDENT, Claim, incidents
from core.vicinity import Vicinity

Name = tuple[str, str]
"""Kind and id of a statement."""
JOINS = 4
"""Partitions of the claims, whatever the number of those of events.

Each fold tells each join at every tick that it is there: as many joins as folds would make the
square of their number.  And claims are what people report, not what cameras see.
"""


@dataclass
class Join:
    """State of one partition.  Call `state` for each statement, `close` at each tick."""

    known: dict[Name, Mapping[str, Any]] = field(default_factory=dict)
    _ledger: Ledger = field(default_factory=Ledger)
    _vicinity: Vicinity = field(default_factory=Vicinity)
    _counterparts: Counterparts = field(default_factory=Counterparts)
    _groups: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _dirty: set[tuple[str, str]] = field(default_factory=set)

    def state(self, kind: str, name: str, value: Mapping[str, Any] | None) -> None:
        """Take, replace or (None) retract one statement."""
        old = self.known.get((kind, name))
        if old == value:
            return
        if kind in KINDS:
            self._counterparts.replace(kind, name, old, value)
            self._know(kind, name, value)
            return
        if old is not None:
            group = self._group(kind, old)
            self._vicinity.drop(name, self._groups[group].pop(name))
            self._dirty.add(group)
        self._know(kind, name, value)
        if value is None:
            return
        group = self._group(kind, value)
        made = self._groups.setdefault(group, {})[name] = _made(kind, value)
        self._vicinity.put(name, made)
        self._dirty.add(group)

    def close(self) -> dict[CellKey, Counters]:
        """Cells that changed since the last call."""
        if ("camera", "") in self._dirty:
            self._dirty |= {g for g in self._groups if g[0] == "claim"}
        for group in sorted(self._dirty):
            members = self._groups.get(group, {})
            if group[0] == "request":
                self._count_requests(group, members)
            elif group[0] == "claim":
                self._count_incidents(group, members)
        self._dirty.clear()
        self._count_closures()
        for key, compared in self._counterparts.changed():
            self._count(GRIEVANCE, key, compared)
        return self._ledger.take_changes()

    def _know(self, kind: str, name: str, value: Mapping[str, Any] | None) -> None:
        if value is None:
            self.known.pop((kind, name), None)
        else:
            self.known[kind, name] = value

    def _group(self, kind: str, value: Mapping[str, Any]) -> tuple[str, str]:
        return kind, str(value.get({"request": "group", "claim": "incident"}.get(kind, ""), ""))

    def _count_requests(self, group: tuple[str, str], members: Mapping[str, Request]) -> None:
        self._count(REQUEST, group, counting(members.values()))

    def _count_closures(self) -> None:
        for square, closures in self._vicinity.changed():
            self._count(CLOSURE, square, closures)

    def _count(self, subject: Subject, group: object, cases: Sequence[Case]) -> None:
        """What the cases of a group add together."""
        for kpi in of(subject):
            made = [entry for case in cases for entry in case_entries(kpi, subject, case)]
            self._ledger.replace((kpi.id, group), sorted(made, key=str))

    def _count_incidents(self, group: tuple[str, str], members: Mapping[str, Claim]) -> None:
        cameras = [
            (tuple(camera["place"]), since, until)
            for camera in self._groups.get(("camera", ""), {}).values()
            for since, until in camera["watches"]
        ]
        scopes = {"city": "city", "category": group[1]}
        for kpi in of(INCIDENT):
            made: list[Entry] = []
            for incident in incidents(members.values()):
                if incident.monitored(cameras):
                    made += entries(kpi, scopes, kpi.looks_at[INCIDENT](incident))
            for claim in members.values():
                if claim.place is None:
                    share = [Share(claim.at, excluded("unlocated"))]
                    made += entries(kpi, scopes, share)
            self._ledger.replace((kpi.id, group), sorted(made, key=str))


def _made(kind: str, value: Mapping[str, Any]) -> Any:
    if kind == "request":
        return Request.from_json(dict(value))
    if kind == "report":
        return Report.from_json(dict(value))
    return Claim.from_json(dict(value)) if kind == "claim" else dict(value)
