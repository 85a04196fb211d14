"""Cells and statements on their way between stages: JSON lines in messages of bounded size.

The last message of a task and tick says so; the receiver's barrier waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.cells import CellKey, Counters
from streams.outlet import Sender

_LINES_A_MESSAGE = 500


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
        yield task.encode(), json.dumps(value, separators=(",", ":")).encode()


async def tell(
    outlet: Sender,
    where: tuple[str, int],
    task: str,
    tick: int,
    lines: Sequence[Any],
    inputs: Mapping[str, int],
) -> None:
    """Send the messages to a topic's partition; returns when all are acknowledged.

    The last goes when the others have arrived: of a set that is sent at once, the broker may take
    the end and refuse the middle for now, and the receiver would go on without it.
    """
    topic, partition = where
    *before, last = messages(task, tick, lines, inputs)
    if before:
        await outlet.send(topic, before, partition)
    await outlet.send(topic, [last], partition)


def read(value: bytes) -> Part:
    """The message of a record value."""
    return Part(*json.loads(value))


def lines(cells: Mapping[CellKey, Counters]) -> list[list[Any]]:
    """Cells as lines."""
    return [[*key, counters] for key, counters in sorted(cells.items())]


def cells(parts: Iterable[Any]) -> dict[CellKey, Counters]:
    """Inverse of `lines`."""
    return {CellKey(*line[:4]): line[4] for line in parts}
