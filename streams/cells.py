"""Cells and statements on their way between stages: JSON lines in messages of bounded size.

The last message of a task and tick says so; the receiver's barrier waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from core.causes import Causes
from core.cells import CellKey, Counters
from streams.outlet import Item, Sender

_LINES_A_MESSAGE = 500
_AT_ONCE = 128 * 1024
"""Bytes that surely fit into one record batch of our producer."""
_SETTLED = "settled"
_MOVED = "moved"
_OF_A_CELL = 5
"""Values in the line of a cell: its key and its counters.  Longer lines begin with their kind."""
_OVERHEAD = 32
"""Bytes of a record beside its key and value, at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message: lines of `task` at `tick`; `inputs` names the offsets that it includes."""

    task: str
    tick: int
    lines: Sequence[Any]
    inputs: Mapping[str, int]
    last: bool


def messages(
    task: str, tick: int, lines: Sequence[Any], inputs: Mapping[str, int]
) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each message; at least one, the last of which is marked."""
    starts = range(0, max(1, len(lines)), _LINES_A_MESSAGE)
    for start in starts:
        chunk = lines[start : start + _LINES_A_MESSAGE]
        last = start == starts[-1]
        value = [task, tick, chunk, dict(inputs) if last else {}, last]
        yield task.encode(), msgspec.json.encode(value)


class Told(NamedTuple):
    """What a task says at one tick; `inputs` names the offsets that it includes."""

    tick: int
    lines: Sequence[Any]
    inputs: Mapping[str, int]


async def tell(outlet: Sender, where: tuple[str, int], task: str, told: Iterable[Told]) -> None:
    """Send what is told of some ticks, in order; returns when all of it is acknowledged.

    The last messages go when the others have arrived, and of them as many at once as make up one
    record batch, which arrives as a whole: of more the broker may take the end and refuse the
    middle for now, and the receiver would go on without it.
    """
    topic, partition = where
    before: list[Item] = []
    lasts: list[list[Item]] = [[]]
    size = 0
    for tick, found, inputs in told:
        *others, last = messages(task, tick, found, inputs)
        before += others
        size += len(last[1]) + len(last[0]) + _OVERHEAD
        if lasts[-1] and size > _AT_ONCE:
            lasts.append([])
            size = len(last[1]) + len(last[0]) + _OVERHEAD
        lasts[-1].append(last)
    if before:
        await outlet.send(topic, before, partition)
    for together in lasts:
        await outlet.send(topic, together, partition)


def read(value: bytes) -> Part:
    """The message of a record value."""
    return Part(*msgspec.json.decode(value))


def lines(
    cells: Mapping[CellKey, Counters],
    settled: Mapping[CellKey, Counters] | None = None,
    moved: Mapping[CellKey, Causes] | None = None,
) -> list[list[Any]]:
    """Cells as lines; what left them and who moved old ones (`core.fold.Closed`) as longer ones."""
    left = [[_SETTLED, *key, counters] for key, counters in sorted((settled or {}).items())]
    by = [[_MOVED, *key, *causes] for key, causes in sorted((moved or {}).items())]
    return left + by + [[*key, counters] for key, counters in sorted(cells.items())]


def cells(parts: Iterable[Any]) -> dict[CellKey, Counters]:
    """Inverse of `lines`: the cells alone."""
    return {CellKey(*line[:4]): line[4] for line in parts if len(line) == _OF_A_CELL}


def settled(parts: Iterable[Any]) -> dict[CellKey, Counters]:
    """Inverse of `lines`: what left the cells."""
    return {CellKey(*line[1:5]): line[5] for line in _of(_SETTLED, parts)}


def moved(parts: Iterable[Any]) -> dict[CellKey, Causes]:
    """Inverse of `lines`: who moved old cells; a task that began again may say less."""
    found: dict[CellKey, list[Causes]] = {}
    for _, *key, names, more in _of(_MOVED, parts):
        found.setdefault(CellKey(*key), []).append(Causes(tuple(names), more))
    return {key: Causes.of(several) for key, several in found.items()}


def _of(kind: str, parts: Iterable[Any]) -> Iterator[Any]:
    return (line for line in parts if len(line) > _OF_A_CELL and line[0] == kind)
