"""What the stages with state share: contiguous reading and where to read on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streams.transport import Batch


def _nothing(_told: Any) -> None:
    """For a task that nobody listens to."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a task tells whoever runs it, at any time."""

    durable: Callable[[Mapping[str, int]], None] = _nothing
    """By topic, the offset before which everything is done for good."""
    failed: Callable[[BaseException], None] = _nothing
    """What stopped it where no caller waits."""


class Hole(Exception):
    """A batch begins after the offset that was expected: records in between were not delivered."""

    def __init__(self, topic: str, partition: int, expected: int, found: int) -> None:
        """`expected` is where to read again."""
        super().__init__(f"{topic}/{partition}: expected offset {expected}, got {found}")
        self.topic = topic
        self.partition = partition
        self.expected = expected


class Superseded(Exception):
    """The task may not or cannot write any more: its state must be loaded again, if by us."""


@dataclass
class Positions:
    """Next expected offset by topic of one partition."""

    partition: int
    next: dict[str, int] = field(default_factory=dict)

    def advance(self, batch: Batch) -> Batch | None:
        """The batch without what was read before; None if nothing is left of it.

        Raises Hole when records before the batch are missing: folding over a hole would lose
        them without a trace.
        """
        expected = self.next.get(batch.topic, 0)
        if batch.first > expected:
            raise Hole(batch.topic, self.partition, expected, batch.first)
        if batch.next <= expected:
            return None
        self.next[batch.topic] = batch.next
        return batch.since(expected)
