"""What each case, camera or claim adds to a window: the number taken apart again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from core import violations
from core.cameras import CAMERA
from core.cells import BESIDE, UNSETTLED, Counters, Share, add, excluded
from core.classes import SHIPPED
from core.closures import CLOSURE
from core.complaints import Complaint
from core.counted import Scope
from core.counterparts import Counterparts
from core.engine import Engine
from core.faults import KNOWN, known
from core.filings import FILING, VOICE, copies_of, names
from core.grievances import GRIEVANCE
from core.kpi import Kpi, Subject
from core.law import Law
from core.ledger import Part, part, parts_of, spread
from core.orphans import Orphan
from core.recall import CONFIRMED, DETECTION
from core.requests import REQUEST, counting
from core.signals import FAULT
from core.snapshots import Snapshots
from core.storms import STORM, storms
from core.triangulation import INCIDENT, incidents, of_law
from core.verdicts import REPORT
from core.vicinity import Vicinity
from core.violations import FOLLOWED

Span = tuple[int, int]
Named = tuple[str, Iterable[Part], *tuple[int, ...]]
"""A subject with what it adds; of what classes of incidents judge, the times of its claims too."""


class Contribution(NamedTuple):
    """One subject of a window: its id (a pseudonym where it is of a person) and its counters.

    `by`: the versions of the classes of incidents that judged it, of those that did not ship.
    """

    name: str
    counters: Mapping[str, int]
    by: str = ""


def contributions(engine: Engine, kpi: Kpi, scope: Scope, span: Span) -> list[Contribution]:
    """Everything that the window counts now, sorted.

    A snapshot (`kpi.cumulative`) counts what stands at the window's end.  Of cameras only the names
    are told, those of the scope, for their heartbeats are not kept; cases that are forgotten when
    they are final (`Subject.kept`) are not told at all.  Those that left are in the archive.
    """
    if kpi.subject is CAMERA:
        return sorted(_cameras(engine, scope))
    own = {
        REQUEST: _requests,
        FOLLOWED: _violations,
        STORM: _storms,
        KNOWN: _faults,
        INCIDENT: _claims,
        CLOSURE: _closures,
        GRIEVANCE: _grievances,
        REPORT: _reports,
        CONFIRMED: _confirmed,
        DETECTION: _detections,
    }
    found = []
    for subject in kpi.looks_at:
        make = own.get(subject)
        for name, made, *times in make(engine, kpi) if make else _cases(engine, kpi, subject):
            counters = _counted(kpi, made, scope, span)
            if counters:
                found.append(Contribution(name, counters, _by(_law(engine), times)))
    # Cases of two kinds may have the same id.
    return sorted(found, key=lambda one: (one.name, sorted(one.counters.items())))


def _counted(kpi: Kpi, made: Iterable[Part], scope: Scope, span: Span) -> Counters:
    total: Counters = {}
    for key, counters in spread(made):
        # A case without a due instant may belong into any window from the earliest on.
        start = key[3]
        first = start if UNSETTLED in counters else span[0]
        if key[1:3] == scope and (kpi.cumulative or first <= start < span[1]):
            add(total, {n: v for n, v in counters.items() if not n.startswith(BESIDE)})
    return Snapshots([total]).at(span[1]) if kpi.cumulative else total


def _cases(engine: Engine, kpi: Kpi, subject: Subject) -> Iterator[Named]:
    twice = names(copies_of(told for (kind, _), told in _stated(engine) if kind == FILING))
    for fold in engine.folds:
        for entity, events in [*fold.entities.items(), *(fold.archive or {}).items()]:
            if entity.kind == subject.name:
                case = subject.case(events.values(), fold.law)
                if isinstance(case, Complaint) and entity.id in twice:
                    # Its own fold counts it; the join takes that back (decision 0016).
                    case = case.as_copy()
                told = case or (Orphan.of(events.values()) if kpi.orphans else None)
                if told:
                    yield entity.id, parts_of(kpi, subject, [told])


def _requests(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    for group in _groups(engine, "request"):
        for request in counting(group):
            yield request.case_id, parts_of(kpi, REQUEST, [request])


def _violations(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    for group in _groups(engine, "violation"):
        for one in violations.counting(group):
            yield one.case_id, parts_of(kpi, FOLLOWED, [one])


def _storms(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    found = (told for (kind, _), told in _stated(engine) if kind == "alert")
    for storm in storms(found):
        yield storm.name, parts_of(kpi, STORM, storm.faces)


def _faults(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    told = [made for (kind, _), made in _stated(engine) if kind == "fault"]
    claims = (made for (kind, _), made in _stated(engine) if kind == "claim")
    law = _law(engine)
    said = of_law({claim.claim_id: claim for claim in claims if claim.incident == FAULT}, law)
    for one in known(told, incidents(said.values(), law)):
        yield one.name, parts_of(kpi, KNOWN, [one]), one.failure.alarmed_at


def _groups(engine: Engine, of_kind: str) -> Collection[list[Any]]:
    """Statements of a kind that are counted together."""
    groups: dict[str, list[Any]] = {}
    for (kind, _), told in _stated(engine):
        if kind == of_kind:
            groups.setdefault(told.group, []).append(told)
    return groups.values()


def _claims(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    claims = {name[1]: made for name, made in _stated(engine) if name[0] == "claim"}
    for name, claim in of_law(claims, _law(engine)).items():
        counters = {"claims": 1} if claim.place else excluded("unlocated")
        scopes = {"city": "city", "category": claim.incident}
        yield name, [part(kpi, scopes, [Share(claim.at, counters)])], claim.at


def _closures(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    near = Vicinity(_law(engine))
    for (kind, name), value in _stated(engine):
        if kind in {"report", "claim", VOICE}:
            near.put(name, value)
    for _piece, closures in near.changed():
        for closure in closures:
            parts = parts_of(kpi, CLOSURE, [closure])
            yield closure.report.case_id, parts, closure.report.seen_at


def _grievances(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    sides = Counterparts()
    for (_kind, name), value in _stated(engine):
        sides.put(name, value)
    for _key, found in sides.changed():
        for compared in found:
            yield compared.name, parts_of(kpi, GRIEVANCE, [compared])


def _reports(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    for join in engine.named_by:
        for report in join.reports():
            by = ", ".join(report.support)
            name = f"{report.claim.claim_id} {report.verdict}" + (f" by {by}" if by else "")
            yield name, parts_of(kpi, REPORT, [report]), report.claim.at


def _confirmed(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    for join in engine.named_by:
        for found in join.confirmed():
            claims = "+".join(claim.claim_id for claim in found.incident.claims)
            name = claims + (f" seen by {', '.join(found.sightings)}" if found.sightings else "")
            yield name, parts_of(kpi, CONFIRMED, [found]), *(c.at for c in found.incident.claims)


def _detections(engine: Engine, kpi: Kpi) -> Iterator[Named]:
    for join in engine.named_by:
        for found in join.detections():
            name = f"{found.sighting.claim_id} reviewed by {found.review}"
            yield name, parts_of(kpi, DETECTION, [found]), found.sighting.at


def _cameras(engine: Engine, scope: Scope) -> Iterator[Contribution]:
    for fold in engine.folds:
        for entity, events in fold.entities.items():
            places = {event.text("intersection_id") for event in events.values()}
            if entity.kind == "camera" and (scope[0] == "city" or scope[1] in places):
                yield Contribution(entity.id, {})


def _law(engine: Engine) -> Law:
    """What the joins judge by; all are told the same."""
    return engine.named_by[0].law


def _by(law: Law, times: Iterable[int]) -> str:
    """Versions in force at these instants."""
    named = dict.fromkeys(law.at(at).classes.version for at in sorted(times))
    return ", ".join(name for name in named if name != SHIPPED.version)


def _stated(engine: Engine) -> Iterator[tuple[tuple[str, str], Any]]:
    for join in engine.named_by:
        yield from join.known.items()
