"""Who adds to a window: what an auditor looks at first when a number is not the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.cameras import CAMERA
from core.closures import CLOSURE, Closure, Report
from core.engine import Engine
from core.kpi import Kpi
from core.kpis import by_id
from core.ledger import Entry, entries
from core.requests import REQUEST, Request
from core.rows import KpiRow
from core.triangulation import INCIDENT, Claim

_MOST = 50


def contributors(engine: Engine, row: KpiRow) -> list[str]:
    """Ids of cases, cameras or claims that the row's window counts now; the first 50, sorted."""
    kpi = by_id().get(row.kpi)
    if kpi is None or kpi.cumulative:
        return []
    own = {REQUEST: _requests, INCIDENT: _claims, CAMERA: _cameras, CLOSURE: _closures}
    found = own.get(kpi.subject, _cases)(engine, kpi, row)
    return sorted(set(found))[:_MOST]


def _cases(engine: Engine, kpi: Kpi, row: KpiRow) -> Iterator[str]:
    if kpi.subject.of is None:
        return
    for fold in engine.folds:
        for entity, events in fold.entities.items():
            if entity.kind != kpi.subject.name:
                continue
            case = kpi.subject.of(events.values())
            if case and _adds(entries(kpi, case.scopes, kpi.shares(case)), row):
                yield entity.id


def _requests(engine: Engine, kpi: Kpi, row: KpiRow) -> Iterator[str]:
    for (kind, name), value in _stated(engine):
        if kind == "request":
            request = Request.from_json(value)
            if _adds(entries(kpi, request.scopes, kpi.shares(request)), row):
                yield name


def _claims(engine: Engine, _kpi: Kpi, row: KpiRow) -> Iterator[str]:
    for (kind, name), value in _stated(engine):
        if kind == "claim":
            claim = Claim.from_json(value)
            in_scope = row.scope_id in ("city", claim.incident)
            if in_scope and row.window_start <= claim.at < row.window_end:
                yield name


def _closures(engine: Engine, kpi: Kpi, row: KpiRow) -> Iterator[str]:
    """Where and when a closure counts does not depend on what contradicts it."""
    for (kind, name), value in _stated(engine):
        if kind == "report" and (report := Report.from_json(value)).resolved:
            closure = Closure(report, ())
            if _adds(entries(kpi, closure.scopes, kpi.shares(closure)), row):
                yield name


def _cameras(engine: Engine, _kpi: Kpi, row: KpiRow) -> Iterator[str]:
    for fold in engine.folds:
        for entity, events in fold.entities.items():
            places = {event.text("intersection_id") for event in events.values()}
            if entity.kind == "camera" and (row.scope_id == "city" or row.scope_id in places):
                yield entity.id


def _stated(engine: Engine) -> Iterator[tuple[tuple[str, str], dict[str, object]]]:
    for join in engine.joins:
        for name, value in join.known.items():
            yield name, dict(value)


def _adds(made: Iterable[Entry], row: KpiRow) -> bool:
    return any(
        (key.scope_type, key.scope_id) == (row.scope_type, row.scope_id)
        and row.window_start <= key.start < row.window_end
        for key, _counters in made
    )
