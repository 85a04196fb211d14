"""The replay: the log of city events through the same pure pieces as the worker, without Faust.

Each partition closes its own ticks, with the records before the tick's cut; joins and publication
close a tick when every partition has closed it or a later one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from audit.comparison import Comparison
from audit.contributors import contributors
from audit.finding import Report
from audit.verdicts import VerdictComparison
from core import detections, topics
from core.barrier import Barrier
from core.engine import Engine
from core.events import Event
from core.fold import Closed
from core.rows import KpiRow

TICKS = topics.city(topics.TICK)
DETECTED = topics.city(detections.TYPE)


class Read(NamedTuple):
    """Records [first, next) of one topic partition that were read, and what they hold.

    Without their events are: records that are no events (counted in `skipped`), ticks without a
    readable cut, detections that are no claims.  `cut` is that of the one tick in `events`.
    """

    topic: str
    partition: int
    first: int
    next: int
    events: Sequence[tuple[int, Event]] = ()
    cut: Mapping[str, int] = {}
    skipped: int = 0


class Tick(NamedTuple):
    """One tick of a partition: its moment, its cut by topic, its own offset."""

    at: int
    cut: Mapping[str, int]
    offset: int


class Part(NamedTuple):
    """What one partition made of a tick."""

    partition: int
    closed: Closed
    offset: int


@dataclass
class _Partition:
    """What of one partition waits for its tick."""

    next: dict[str, int] = field(default_factory=dict)
    newest: int | None = None
    ticks: deque[Tick] = field(default_factory=deque)
    waiting: dict[str, deque[tuple[int, Event]]] = field(default_factory=dict)

    def take(self, read: Read) -> None:
        """Hold what was read."""
        self.next[read.topic] = read.next
        if read.topic != TICKS:
            self.waiting.setdefault(read.topic, deque()).extend(read.events)
            return
        for offset, event in read.events:
            # The first tick of a moment wins; a later copy is a repetition after a crash.
            if self.newest is None or event.occurred_at > self.newest:
                self.newest = event.occurred_at
                self.ticks.append(Tick(event.occurred_at, read.cut, offset))

    def covered(self, tick: Tick) -> bool:
        """Whether all records before its cut were read."""
        return all(self.next.get(topic, 0) >= end for topic, end in tick.cut.items())

    def before(self, tick: Tick) -> Iterator[tuple[str, Event]]:
        """Topic and event of the records before its cut; they wait no longer."""
        for topic, queue in self.waiting.items():
            end = tick.cut.get(topic, 0)
            while queue and queue[0][0] < end:
                yield topic, queue.popleft()[1]


@dataclass
class Replay:
    """Give it every record in the order of its partition; it gives the rows of complete ticks."""

    partitions: int
    engine: Engine = field(init=False)
    ticks: int = 0
    skipped: int = 0
    verdicts: VerdictComparison = field(default_factory=VerdictComparison)
    holes: dict[tuple[str, int], list[tuple[int, int]]] = field(default_factory=dict)
    """By topic and partition: offsets [first, next) that are not in the log."""
    _parts: list[_Partition] = field(init=False)
    _barrier: Barrier[Part] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self.engine = Engine(self.partitions, archive=True)
        self._parts = [_Partition() for _ in range(self.partitions)]
        self._barrier = Barrier(frozenset(range(self.partitions)))

    def take(self, read: Read) -> Iterator[KpiRow]:
        """What the records make complete."""
        part = self._parts[read.partition]
        self._gap(read.topic, read.partition, part.next.get(read.topic, 0), read.first)
        part.take(read)
        self.skipped += read.skipped
        while part.ticks and part.covered(part.ticks[0]):
            yield from self._close(read.partition, part.ticks.popleft())

    def finish(self) -> Iterator[KpiRow]:
        """After the last record: ticks whose cut names records that the log does not hold."""
        for number, part in enumerate(self._parts):
            while part.ticks:
                tick = part.ticks.popleft()
                for topic, end in tick.cut.items():
                    self._gap(topic, number, part.next.get(topic, 0), end)
                    part.next[topic] = max(part.next.get(topic, 0), end)
                yield from self._close(number, tick)

    def _close(self, number: int, tick: Tick) -> Iterator[KpiRow]:
        fold = self.engine.folds[number]
        for topic, event in self._parts[number].before(tick):
            if topic == DETECTED:
                fold.claim(event)
            else:
                fold.apply(event)
        part = Part(number, fold.close(tick.at), tick.offset)
        self._barrier.offer(number, tick.at, part, last=True)
        for at, parts in self._barrier.complete():
            self.ticks += 1
            closed = {part.partition: part.closed for part in parts}
            inputs = {f"{TICKS}/{part.partition}": part.offset for part in parts}
            for row in self.engine.publish(at, closed, inputs):
                if isinstance(row, KpiRow):
                    yield row
            for join in self.engine.joins:
                self.verdicts.recompute(at, join.news)

    def _gap(self, topic: str, partition: int, expected: int, found: int) -> None:
        if found > expected:
            self.holes.setdefault((topic, partition), []).append((expected, found))


class Audit:
    """A replay and what was published, side by side: `publish` all, `take` all, `report`."""

    def __init__(
        self,
        begin: int | None = None,
        end: int | None = None,
        *,
        partitions: int,
    ) -> None:
        """Compare rows with `begin` < window end <= `end`, where given (moments).

        `partitions` is how many the log has.
        """
        self.replay = Replay(partitions, verdicts=VerdictComparison(begin, end))
        self._comparison = Comparison(begin, end, self._contributors)

    def publish(self, offset: int, record: bytes | None) -> None:
        """One record of `kpi.published`, read before the log."""
        self._comparison.publish(offset, record or b"")

    def take(self, read: Read) -> None:
        """Records of the log."""
        for row in self.replay.take(read):
            self._comparison.recompute(row)

    def finish(self) -> None:
        """The log has no more records."""
        for row in self.replay.finish():
            self._comparison.recompute(row)

    def publish_late(self, offset: int, record: bytes | None) -> None:
        """One record of `kpi.published` that was written since."""
        self._comparison.publish_late(offset, record or b"")

    def publish_verdict(self, offset: int, record: bytes | None) -> None:
        """One record of `tri.verdict`, read after the log: then all of published ticks is there."""
        self.replay.verdicts.publish(offset, record or b"")

    def report(self) -> Report:
        """What was found."""
        findings = self._comparison.findings()
        replayed, published = self.replay.engine.publication.last_tick, self._comparison.newest
        verdicts = self.replay.verdicts.findings(replayed=replayed or 0, published=published or 0)
        return Report(
            self._comparison.identical, findings, self._comparison.ahead,
            self.replay.ticks, self.replay.skipped, self.replay.holes, self._comparison.finals,
            verdicts, self.replay.verdicts.identical,
        )  # fmt: skip

    def _contributors(self, row: KpiRow) -> list[str]:
        return contributors(self.replay.engine, row)


def replay(
    reads: Iterable[Read],
    published: Iterable[tuple[int, bytes]],
    begin: int | None = None,
    end: int | None = None,
    *,
    partitions: int,
    verdicts: Iterable[tuple[int, bytes]] = (),
) -> Report:
    """Replay a log against (offset, record) pairs of `kpi.published` and `tri.verdict`."""
    audit = Audit(begin, end, partitions=partitions)
    for offset, record in published:
        audit.publish(offset, record)
    for read in reads:
        audit.take(read)
    audit.finish()
    for offset, record in verdicts:
        audit.publish_verdict(offset, record)
    return audit.report()
