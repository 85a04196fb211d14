"""What a module of this folder says of each KPI that it knows: `TRUTHS`, found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sim.truth
from sim.story import Story
from sim.truth.windows import COMPLAINTS, Horizon, Row, Scope, Window

Counts = Mapping[Scope, int]
"""How many cases, by scope; a scope that is not named has none."""
Reasons = Mapping[Scope, Mapping[str, int]]
"""How many cases are left out, by scope and by why; those of another case are `duplicate`."""
Beside = Mapping[str, str | list[str] | None]
"""Numbers and words beside a number, by name, as shown; None: none is shown."""


def nobody(_story: Story, _window: Window) -> Reasons:
    """No case is left out."""
    return {}


def percent(_story: Story, row: Row) -> Fraction | None:
    """What most numbers are."""
    return Fraction(100 * row.numerator, row.denominator) if row.denominator else None


def _alone(_story: Story, _row: Row) -> Beside:
    return {}


def plain(_story: Story, row: Row) -> Fraction | None:
    """The numerator itself, where there is a case."""
    return Fraction(row.numerator) if row.denominator else None


@dataclass(frozen=True, slots=True)
class Truth:
    """One KPI in a story.

    `rows` gives its true rows in a window that ends with the story or before, as the story is
    known; `horizon` says how long a row may change after that; `left_out` counts the cases
    that the window would hold but that are excluded, by why (C9); `sources` have to be alive
    for the number to be complete; `cases` counts those behind it, where these are not its
    denominator; `number` is what a row of the city or below says; `in_catalogue` False says that it
    is none of the catalogue's 32; with fewer than `least` cases there is no number; `elsewhere`:
    the sources tell of nothing but what is good, so while they are silent there is none either;
    `beside` gives the companions of a row, those that have a truth.
    """

    kpi: str
    sources: tuple[str, ...]
    windows: tuple[str, ...]
    rows: Callable[[Story, Window], Iterable[Row]]
    left_out: Callable[[Story, Window], Reasons] = nobody
    cases: Callable[[Story, Window], Counts] | None = None
    number: Callable[[Story, Row], Fraction | None] = percent
    in_catalogue: bool = True
    least: int = 0
    horizon: Horizon = COMPLAINTS
    elsewhere: bool = False
    beside: Callable[[Story, Row], Beside] = _alone


@cache
def truths() -> tuple[Truth, ...]:
    """What all modules of this folder declare, sorted by KPI."""
    found: list[Truth] = []
    for module in pkgutil.iter_modules(sim.truth.__path__, f"{sim.truth.__name__}."):
        found += getattr(importlib.import_module(module.name), "TRUTHS", ())
    return tuple(sorted(found, key=lambda truth: truth.kpi))
