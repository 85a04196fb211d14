"""The KPIs: every `Kpi` in a module of this folder is one; adding one edits no list."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from core.kpi import Kpi, Subject


@cache
def all_kpis() -> tuple[Kpi, ...]:
    """Every declared KPI, sorted by id."""
    found: dict[str, Kpi] = {}
    for module in pkgutil.iter_modules(__path__):
        declared = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        found |= {kpi.id: kpi for kpi in declared if isinstance(kpi, Kpi)}
    return tuple(found[name] for name in sorted(found))


@cache
def of(subject: Subject) -> tuple[Kpi, ...]:
    """The KPIs that look at one kind of subject."""
    return tuple(kpi for kpi in all_kpis() if subject in kpi.looks_at)


@cache
def cases() -> dict[str, Subject]:
    """The subjects that are made of the events of one key, by the area of those events."""
    made = (s for kpi in all_kpis() for s in kpi.looks_at if s.of is not None or s.judged)
    return {s.area: s for s in made}


@cache
def kinds() -> dict[str, Subject]:
    """The same subjects by their name."""
    return {subject.name: subject for subject in cases().values()}


@cache
def by_id() -> dict[str, Kpi]:
    """KPIs by id."""
    return {kpi.id: kpi for kpi in all_kpis()}
