"""What was seen of a run while it ran, and what follows from it: pauses, fifths, lag."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

SHORTEST_FIFTH = 3
"""Looks that a fifth must hold to say anything about memory."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look, at a monotonic time: offsets committed by partition, memory of all workers."""

    at: float
    committed: Mapping[int, int]
    rss_mib: float

    @property
    def read(self) -> int:
        """Records that are done with, over all partitions."""
        return sum(self.committed.values())


@dataclass(slots=True)
class Samples:
    """Looks in order of time; `total` is how many records there are in the end."""

    total: int
    looks: list[Look] = field(default_factory=list)
    longest_lag: int = 0
    """Records of one partition that its worker said were not processed yet."""

    @property
    def share(self) -> float:
        """Part of all records that is committed by now."""
        return self.looks[-1].read / self.total if self.looks else 0.0

    def offset(self, partition: int) -> int:
        """Committed by now."""
        return self.looks[-1].committed.get(partition, 0) if self.looks else 0

    def pause_s(self, partition: int, since: float, until: float) -> float | None:
        """The longest time without a growth of the committed offset that touches the interval.

        None when it did not grow on both sides: then it was not under load.
        """
        grown = list(self._growths(partition))
        gaps = [
            after - before
            for before, after in pairwise(grown)
            if after >= since and before <= until
        ]
        return max(gaps) if gaps else None

    def pauses_s(self, partitions: Collection[int], since: float, until: float) -> dict[int, float]:
        """Of each that was under load."""
        found = {number: self.pause_s(number, since, until) for number in sorted(partitions)}
        return {number: gap for number, gap in found.items() if gap is not None}

    def _growths(self, partition: int) -> Iterator[float]:
        newest = -1
        for look in self.looks:
            offset = look.committed.get(partition, 0)
            if offset > newest >= 0:
                yield look.at
            newest = max(newest, offset)

    def speed(self, begin: float, end: float) -> float | None:
        """Events a second from one share of all records to another; None when it was too quick."""
        reads = np.array([look.read for look in self.looks])
        times = np.array([look.at for look in self.looks])
        grew = np.flatnonzero(np.diff(reads, prepend=-1) > 0)
        if not len(grew):
            return None
        first, last = np.interp([begin * self.total, end * self.total], reads[grew], times[grew])
        return float((end - begin) * self.total / (last - first)) if last > first else None

    def rss_mib(self, begin: float, end: float) -> float | None:
        """Mean memory between two shares of all records; None when nobody looked often enough."""
        return _mean(
            [look.rss_mib for look in self.looks if begin <= look.read / self.total <= end]
        )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if len(values) >= SHORTEST_FIFTH else None
