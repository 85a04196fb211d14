"""The lifecycles: every `Lifecycle` in a module of this folder is one; adding one edits no list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache

from core.events import Event
from core.law import SHIPPED, Law
from core.lifecycle import Lifecycle, Step


@cache
def all_lifecycles() -> tuple[Lifecycle, ...]:
    """Every declared lifecycle, sorted by kind."""
    found: dict[str, Lifecycle] = {}
    for module in pkgutil.iter_modules(__path__):
        declared = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        found |= {life.kind: life for life in declared if isinstance(life, Lifecycle)}
    return tuple(found[name] for name in sorted(found))


@cache
def by_kind() -> dict[str, Lifecycle]:
    """Lifecycles by the kind of case."""
    return {life.kind: life for life in all_lifecycles()}


@cache
def of_type(event_type: str) -> tuple[Lifecycle, ...]:
    """The tables that the events of a case with an event of this type walk through."""
    return of_area(event_type.partition(".")[0])


@cache
def of_area(area: str) -> tuple[Lifecycle, ...]:
    """The tables that the events of one area walk through."""
    return tuple(life for life in all_lifecycles() if life.area == area)


@cache
def types() -> tuple[str, ...]:
    """Every event type that is part of a lifecycle, sorted."""
    return tuple(sorted(name for life in all_lifecycles() for name in life.names))


def steps(ordered: Sequence[Event], law: Law = SHIPPED) -> Sequence[Step]:
    """What each event of a case is in its table, in the order of the events.

    `ordered` are the events of one case, so of one area.
    """
    if not ordered:
        return ()
    tables = of_type(ordered[0].type)
    if len(tables) == 1:
        return tables[0].walk(ordered, law)
    walks = [walked for life in tables if (walked := life.walk(ordered, law))]
    if len(walks) == 1:
        return walks[0]
    found = [step for walked in walks for step in walked]
    return sorted(found, key=lambda step: (step.event.occurred_at, step.event.event_id))
