"""What the stages with state share: contiguous reading and where to read on."""

from __future__ import annotations

from dataclasses import dataclass, field

from streams.transport import Batch


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

    def advance(self, batch: Batch) -> list[object]:
        """The records of the batch that are new, in order.

        Raises Hole when records before the batch are missing: folding over a hole would lose
        them without a trace.
        """
        expected = self.next.get(batch.topic, 0)
        if batch.first > expected:
            raise Hole(batch.topic, self.partition, expected, batch.first)
        self.next[batch.topic] = max(expected, batch.next)
        return [record for record in batch.records if record.offset >= expected]
