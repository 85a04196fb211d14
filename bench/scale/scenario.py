"""A scenario: what is read, by whom, and what happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bench.detections import EVEN, Shape
from bench.scale.course import Course
from core import topics


@dataclass(frozen=True, slots=True)
class Scenario:
    """`events` are read unless told otherwise; with a `rate` they come so many a second."""

    name: str
    about: str
    shape: Shape = EVEN
    events: int = 2_000_000
    partitions: int = topics.PARTITIONS
    workers: int = 1
    options: tuple[str, ...] = ()
    """Of `jcoc worker`."""
    instances: bool = False
    """Each worker has a name in its group, and keeps it when it is started again."""
    rate: int | None = None
    poison_every: int = 0
    """Every so many-th record of a partition is one that nobody can read; 0 is none."""
    meddle: Callable[[Course], Coroutine[Any, Any, None]] | None = None
    shows: tuple[str, ...] = ()
    """Facts of its own for the table; the JSON has all."""
