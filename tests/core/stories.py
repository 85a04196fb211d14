"""Short stories told in events, and what the engine publishes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from core import contract, moment, tables, window
from core.engine import Engine, route
from core.events import Event, Value
from core.restatements import Restatement
from core.rows import KpiRow

Identity = tuple[Any, ...]

Step = tuple[str, str] | tuple[str, str, Mapping[str, Value]]
"""What happened to a case, its local time, and fields if any."""
PLACE = (-1.6101, 103.6131)
"""An intersection in Jambi, degrees."""
METRE = 1 / 111_194.93
"""Degrees of latitude to a metre, on the sphere of `core.triangulation`."""


def as_told(said: Any) -> Any:
    """What the join makes of a statement that came over the wire."""
    return msgspec.convert(msgspec.json.decode(msgspec.json.encode(said)), type(said))


def wib(text: str) -> int:
    """Moment of a local time such as `2026-11-20T10:00`."""
    return moment.parse(f"{text}+07:00")


def at(clock: str, day: str = "2026-11-20") -> int:
    """Moment of a local time of one Friday, `10:00`."""
    return wib(f"{day}T{clock}")


def event(type: str, when: int, source: str = "sikesal", id: str = "", **fields: Value) -> Event:
    """An event that fits the contract; its id follows from the rest unless given."""
    made = Event(type, id, when, source, fields)
    name = id or f"{type}:{contract.key(made).decode()}:{when}"
    made = Event(type, name, when, source, fields)
    assert contract.flaw(made) is None
    return made


def case(number: str, *steps: Step) -> list[Event]:
    """The events of a complaint."""
    found = []
    for what, when, *more in steps:
        fields = more[0] if more else {}
        found.append(event(f"complaint.{what}", wib(when), "sikesal", "", case_id=number, **fields))
    return found


def loaded(name: str, when: int, version: str, **changes: Any) -> Event:
    """Another version of a table that came with the program, in force from a moment on."""
    table = tables.shipped(tables.KINDS[name])
    made = tables.to_event(name, msgspec.structs.replace(table, version=version, **changes), when)
    assert contract.flaw(made) is None
    return made


def routed(events: Iterable[Event], partitions: int) -> list[list[Event]]:
    """Events by partition: all of one key in the same, as in Kafka; each has its own tables."""
    found: list[list[Event]] = [[] for _ in range(partitions)]
    for one in events:
        if tables.of_event(one) is not None:
            for part in found:
                part.append(one)
        else:
            found[route(contract.key(one).decode(), partitions)].append(one)
    return found


def told(
    segments: Iterable[tuple[int, Iterable[Event]]], partitions: int = 1
) -> list[KpiRow | Restatement]:
    """Everything published when each segment (tick, events before it) is closed in turn."""
    engine = Engine(partitions)
    said: list[KpiRow | Restatement] = []
    for tick, events in segments:
        for number, part in enumerate(routed(events, partitions)):
            engine.apply(number, part)
        said += engine.tick(tick, {})
    return said


def newest(said: Iterable[KpiRow | Restatement]) -> dict[Identity, KpiRow]:
    """The last revision of each window."""
    return {row.identity: row for row in said if isinstance(row, KpiRow)}


def row(
    said: Iterable[KpiRow | Restatement], kpi: str, kind: str, start: int,
    scope: tuple[str, str] = ("city", "city"),
) -> KpiRow:  # fmt: skip
    """The last revision of one window."""
    return newest(said)[kpi, kind, *scope, start]


def untrue(
    truth: Iterable[Mapping[str, Any]], rows: Mapping[Identity, KpiRow]
) -> list[tuple[Identity, Any, Any]]:
    """Identity, what is true and what was published, where they are not the same."""
    found: list[tuple[Identity, Any, Any]] = []
    for true in truth:
        identity = (
            true["kpi"], true["window"], true["scope_type"], true["scope_id"], true["window_start"],
        )  # fmt: skip
        said = rows.get(identity)
        got = said and (said.window_end, said.numerator, said.denominator)
        expected = (true["window_end"], true["numerator"], true["denominator"])
        # A short window without data is published only while it is news.
        nothing = said is None and window.is_short(true["window"]) and true["denominator"] == 0
        if got != expected and not nothing:
            found.append((identity, expected, got))
    return found
