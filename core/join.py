"""The join of one claims partition: incidents and closures of a class, requests of an applicant.

And complaints about a service with their records.  The same statement twice changes nothing; a
retraction removes it.  Cells are absolute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.cells import CellKey, Counters, Share, excluded
from core.closures import CLOSURE, Report
from core.counterparts import KINDS, Counterparts
from core.grievances import GRIEVANCE
from core.kpi import Case, Subject
from core.kpis import of
from core.ledger import Entry, Ledger, case_entries, entries
from core.opposites import Normal, Normality
from core.recall import CONFIRMED, DETECTION, Confirmed, Detection, confirmed, reviewed
from core.requests import REQUEST, Request, counting
from core.triangulation import INCIDENT, Claim, Incident, incidents
from core.verdict_news import News, news
from core.verdicts import REPORT, Judged, Review, judged, seeing, watched_span
from core.vicinity import Vicinity
from core.views import View, hours_of

_GROUPED_BY = {
    "request": "group", "claim": "incident", "review": "incident", "normal": "incident",
    "uptime": "camera",
}  # fmt: skip
_EVIDENCE = {"review", "normal"}
"""Kinds of statements that move the verdicts of a class."""
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
    _reports: dict[tuple[str, str], tuple[Judged, ...]] = field(default_factory=dict)
    _confirmed: dict[tuple[str, str], tuple[Confirmed, ...]] = field(default_factory=dict)
    _detections: dict[tuple[str, str], tuple[Detection, ...]] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    """Verdicts that the last `close` moved."""
    _needs: dict[tuple[str, str], set[tuple[str, int]]] = field(default_factory=dict)
    """Cameras and hours that the verdicts of a group of claims ask of."""
    _told_up: set[tuple[str, int]] = field(default_factory=set)

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
        if kind == "uptime":
            self._told_up.add((value["camera"], value["hour"]))
        made = self._groups.setdefault(group, {})[name] = _made(kind, value)
        self._vicinity.put(name, made)
        self._dirty.add(group)

    def close(self) -> dict[CellKey, Counters]:
        """Cells that changed since the last call; `news` tells of the verdicts that did."""
        self.news.clear()
        if ("camera", "") in self._dirty:
            self._dirty |= {g for g in self._groups if g[0] == "claim"}
        self._dirty |= {("claim", name) for kind, name in self._dirty if kind in _EVIDENCE}
        self._dirty |= {g for g, asked in self._needs.items() if asked & self._told_up}
        self._told_up.clear()
        for group in sorted(self._dirty):
            members = self._groups.get(group, {})
            if group[0] == "request":
                self._count_requests(group, members)
            elif group[0] == "claim":
                found = incidents(members.values())
                self._count_incidents(group, members, found)
                self._count_verdicts(group, members, found)
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
        return kind, str(value.get(_GROUPED_BY.get(kind, ""), ""))

    def _count_requests(self, group: tuple[str, str], members: Mapping[str, Request]) -> None:
        self._count(REQUEST, group, counting(members.values()))

    def _count_verdicts(
        self, group: tuple[str, str], members: Mapping[str, Claim], found: Sequence[Incident]
    ) -> None:
        views = views_of(self._groups.get(("camera", ""), {}))
        reviews = list(self._groups.get(("review", group[1]), {}).values())
        uptime = self._uptime(views)
        self._needs[group] = {
            (view.camera_id, hour)
            for claim in members.values()
            if claim.family != "sensor"
            for view in seeing(claim, views)
            for hour in hours_of(*watched_span(claim))
        }
        self._confirmed[group] = tuple(confirmed(members.values(), views, uptime))
        self._count(CONFIRMED, group, self._confirmed[group])
        self._detections[group] = tuple(reviewed(members.values(), views, reviews))
        self._count(DETECTION, (DETECTION.name, group), self._detections[group])
        normal = Normality(self._groups.get(("normal", group[1]), {}).values())
        before = self._reports.get(group, ())
        self._reports[group] = tuple(judged(found, views, uptime, reviews, normal))
        self.news += news(before, self._reports[group])
        self._count(REPORT, group, self._reports[group])

    def confirmed(self) -> Iterator[Confirmed]:
        """Every incident of this partition that cameras should have told of, likewise."""
        for _, found in sorted(self._confirmed.items()):
            yield from found

    def detections(self) -> Iterator[Detection]:
        """Every sighting of this partition whose clip was reviewed, likewise."""
        for _, found in sorted(self._detections.items()):
            yield from found

    def reports(self) -> Iterator[Judged]:
        """Every verdict of this partition, as at the last `close`."""
        for _, found in sorted(self._reports.items()):
            yield from found

    def _uptime(self, views: Sequence[View]) -> dict[str, dict[int, int]]:
        groups = {v.camera_id: self._groups.get(("uptime", v.camera_id), {}) for v in views}
        return {
            name: {told["hour"]: told["up"] for told in group.values()}
            for name, group in groups.items()
        }

    def _count_closures(self) -> None:
        for piece, closures in self._vicinity.changed():
            self._count(CLOSURE, piece, closures)

    def _count(self, subject: Subject, group: object, cases: Sequence[Case]) -> None:
        """What the cases of a group add together."""
        for kpi in of(subject):
            made = [entry for case in cases for entry in case_entries(kpi, subject, case)]
            self._ledger.replace((kpi.id, group), sorted(made, key=str))

    def _count_incidents(
        self, group: tuple[str, str], members: Mapping[str, Claim], found: Sequence[Incident]
    ) -> None:
        cameras = [
            (tuple(camera["place"]), since, until)
            for camera in self._groups.get(("camera", ""), {}).values()
            for since, until in camera["watches"]
        ]
        scopes = {"city": "city", "category": group[1]}
        for kpi in of(INCIDENT):
            made: list[Entry] = []
            for incident in found:
                if incident.monitored(cameras):
                    made += entries(kpi, scopes, kpi.looks_at[INCIDENT](incident))
            for claim in members.values():
                if claim.place is None:
                    share = [Share(claim.at, excluded("unlocated"))]
                    made += entries(kpi, scopes, share)
            self._ledger.replace((kpi.id, group), sorted(made, key=str))


def views_of(cameras: Mapping[str, Mapping[str, Any]]) -> list[View]:
    """The fields of view that are known, in order of the cameras."""
    made = (View.from_json(name, told) for name, told in sorted(cameras.items()))
    return [view for view in made if view]


def _made(kind: str, value: Mapping[str, Any]) -> Any:
    if kind == "review":
        return Review(*(value[name] for name in Review._fields))
    if kind == "normal":
        return Normal(**value)
    if kind == "request":
        return Request.from_json(dict(value))
    if kind == "report":
        return Report.from_json(dict(value))
    return Claim.from_json(dict(value)) if kind == "claim" else dict(value)
