"""What a stream of millions must come to: cells by sorting, sharing no code with the backbone.

The same answer as `bench.oracle` gives with a loop and a dictionary, in columns: minute by minute
in bounded memory, ten million events in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.detections import LABELS, START, Ints, Minute, Reals
from bench.oracle import LEAST_CONFIDENCE, Verdict

FIRST_MINUTE = START // 60_000_000 - 1
"""Number since 1970: the first event may be older than the start of the stream."""
UNKNOWN = -1
"""Code of a cell that no stream has."""
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Cells:
    """Ascending by `code`, which names minute, camera and label; each once."""

    code: Ints
    total: Ints
    events: Ints
    best: Reals

    def __len__(self) -> int:
        """How many."""
        return len(self.code)


Expected = tuple[Cells, int]
"""Every cell of a stream, and how many of its events are rejected."""


def coded(minute: Ints, camera: Ints, label: Ints, cameras: int) -> Ints:
    """One number for minute (since 1970), camera and label, by their numbers."""
    return ((minute - FIRST_MINUTE) * cameras + camera) * len(LABELS) + label


def cells(stream: Iterable[Minute], cameras: int) -> Expected:
    """What the stream must come to."""
    rejected = 0
    parts: list[Cells] = []
    for minute in stream:
        sure = minute.confidence >= LEAST_CONFIDENCE
        rejected += int(len(sure) - sure.sum())
        code = coded(minute.occurred_at // 60_000_000, minute.camera, minute.label, cameras)
        once = np.ones(int(sure.sum()), np.int64)
        parts.append(merged([Cells(code[sure], minute.count[sure], once, minute.confidence[sure])]))
        if len(parts) == _AT_ONCE:
            parts = [merged(parts)]
    return merged(parts), rejected


def merged(parts: Sequence[Cells]) -> Cells:
    """Equal codes become one cell; the parts need not be in order."""
    code, total, events, best = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("code", "total", "events", "best")
    )
    order = np.argsort(code, kind="stable")
    code = code[order]
    starts = np.flatnonzero(np.diff(code, prepend=code[:1] - 1))
    return Cells(
        code[starts],
        np.add.reduceat(total[order], starts) if len(starts) else total,
        np.add.reduceat(events[order], starts) if len(starts) else events,
        np.maximum.reduceat(best[order], starts) if len(starts) else best,
    )


def judge(right: Cells, found: Cells) -> Verdict:
    """Compare cell by cell; rejects are for the caller to add."""
    _, ours, theirs = np.intersect1d(
        right.code, found.code, assume_unique=True, return_indices=True
    )
    same = (
        (right.total[ours] == found.total[theirs])
        & (right.events[ours] == found.events[theirs])
        & (right.best[ours] == found.best[theirs])
    )
    return Verdict(
        cells=len(right),
        missing=len(right) - len(ours),
        different=int(len(same) - same.sum()),
        invented=len(found) - len(theirs),
    )
