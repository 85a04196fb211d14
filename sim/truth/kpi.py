"""What a module of this folder says of each KPI that it knows: `TRUTHS`, found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import sim.truth
from sim.story import Story
from sim.truth.windows import COMPLAINTS, Horizon, Row, Window


def _none(_story: Story, _window: Window) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Truth:
    """One KPI in a story.

    `rows` gives its true rows in a window that ends with the story or before, as the story is
    known; `horizon` says how long a row may change after that; `left_out` counts the cases
    of the city that the window would hold but that are excluded (C9); `sources` have to be alive
    for the number to be complete; `cases` counts those of the city, where that is not its
    denominator; `in_catalogue` False says that it is none of the catalogue's 32; with fewer than
    `least` cases there is no value.
    """

    kpi: str
    sources: tuple[str, ...]
    windows: tuple[str, ...]
    rows: Callable[[Story, Window], Iterable[Row]]
    left_out: Callable[[Story, Window], int] = _none
    cases: Callable[[Story, Window], int] | None = None
    in_catalogue: bool = True
    least: int = 0
    horizon: Horizon = COMPLAINTS


@cache
def truths() -> tuple[Truth, ...]:
    """What all modules of this folder declare, sorted by KPI."""
    found: list[Truth] = []
    for module in pkgutil.iter_modules(sim.truth.__path__, f"{sim.truth.__name__}."):
        found += getattr(importlib.import_module(module.name), "TRUTHS", ())
    return tuple(sorted(found, key=lambda truth: truth.kpi))
