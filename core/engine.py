"""The whole calculation without a broker: partitions folded, joined and published at each tick.

The worker runs the same pieces behind Kafka; the auditor runs them here.  One law, two drivers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.events import Event
from core.fold import Closed, Entity, Fold, Statement
from core.grievances import Grievance
from core.join import JOINS, Join
from core.publication import Publication
from core.restatements import Restatement
from core.rows import KpiRow

_ALL = range(JOINS)


def route(text: str, partitions: int) -> int:
    """Partition of a statement, the same in every process and year (CRC-32)."""
    return zlib.crc32(text.encode()) % partitions


def heard_by(statement: Statement) -> Sequence[int]:
    """The joins that a statement is for."""
    return _ALL if statement.route is None else (route(statement.route, JOINS),)


@dataclass
class Engine:
    """`partitions` folds, `JOINS` joins, one publication."""

    partitions: int
    publication: Publication = field(default_factory=Publication)
    archive: bool = False
    """Whether what left the state is kept beside it, so that it can be named."""
    settles: bool = True
    """Whether anything leaves the state; only a test says no."""
    complete: bool = False
    """Whether all cases are condensed before the first tick, complaints first: of records only
    those are told that somebody complains about (`Join.complete`)."""
    folds: list[Fold] = field(init=False)
    joins: list[Join] = field(init=False)
    _memory: list[Join] = field(init=False)
    """With `archive` joins beside these, from which nothing leaves."""
    _asked: set[str] = field(default_factory=set)
    """Keys of records that somebody complains about."""

    def __post_init__(self) -> None:
        """Make the tasks."""
        self.folds = [
            Fold(
                archive={} if self.archive else None,
                settles=self.settles,
                asked=self._asked if self.complete else None,
            )
            for _ in range(self.partitions)
        ]
        self.publication.forgets = self.settles
        self.joins = [
            Join(settles=self.settles, keeps=False, complete=self.complete) for _ in range(JOINS)
        ]
        self._memory = [
            Join(settles=False, keeps=False) for _ in range(JOINS if self.archive else 0)
        ]

    def apply(self, partition: int, events: Iterable[Event]) -> None:
        """Add events of one partition of the current segment."""
        for event in events:
            self.folds[partition].apply(event)

    def tick(
        self, at: int, inputs: Mapping[str, int], *, last: bool = False
    ) -> Iterator[KpiRow | Restatement]:
        """Close the segment of every partition: what the tick publishes.

        After the `last` tick the engine is of no use: its state goes before the rows are made.
        """
        closed = {number: fold.close(at) for number, fold in enumerate(self.folds)}
        if last:
            self.folds.clear()
        yield from self.publish(at, closed, inputs, last=last)

    def publish(
        self,
        at: int,
        closed: Mapping[int, Closed],
        inputs: Mapping[str, int],
        *,
        last: bool = False,
    ) -> Iterator[KpiRow | Restatement]:
        """What a tick publishes of the partitions that were closed at it.

        A partition whose fold did not see the tick is not in `closed`: its cells stay as they
        were.  Ticks must increase.
        """
        for number, part in sorted(closed.items()):
            self.publication.merge(f"fold/{number}", part.cells, part.settled)
            self.publication.note(part.moved)
            self.state(part.statements)
        for number, join in enumerate(self.joins):
            joined = join.close(at)
            self.publication.merge(f"join/{number}", joined.cells, joined.settled)
            self.publication.note(joined.moved)
        if last:
            self.joins.clear()
        yield from self.publication.close(at, inputs, last=last)

    def condense(self, partition: int, cases: Mapping[Entity, Iterable[Event]]) -> None:
        """Add whole cases of one partition (`Fold.condense`)."""
        self.state(self.folds[partition].condense(cases))

    def state(self, statements: Iterable[Statement]) -> None:
        """Hand the statements of one fold to the joins."""
        for statement in statements:
            kind, name, value, over = statement.kind, statement.id, statement.value, statement.over
            if self.complete and isinstance(value, Grievance):
                self._asked.add(value.key)
            for number in heard_by(statement):
                self.joins[number].state(kind, name, value, over=over)
                if self._memory:
                    self._memory[number].state(kind, name, value, over=over)

    @property
    def named_by(self) -> list[Join]:
        """Joins that can name all that they counted, whatever has left the state."""
        for join in self._memory:
            join.close(self.publication.last_tick or 0)
        return self._memory or self.joins
