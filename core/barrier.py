"""Waits until every upstream task has reported a tick, so that merged cells belong to one cut."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Payload = TypeVar("Payload")


@dataclass
class Barrier(Generic[Payload]):
    """Collects payloads by upstream task and tick.

    `tasks` are all upstream tasks.  A tick is complete when each has finished it or a later one;
    repeats of a tick that was passed are ignored, so upstream may send again after a crash.
    """

    tasks: frozenset[Hashable]
    passed: int = -1
    _waiting: dict[int, dict[Hashable, list[Payload]]] = field(default_factory=dict)
    _finished: dict[Hashable, int] = field(default_factory=dict)

    def offer(self, task: Hashable, tick: int, payload: Payload, *, last: bool) -> None:
        """One message of `task` for `tick`; `last` marks the end of what it has to say."""
        if tick <= self.passed:
            return
        self._waiting.setdefault(tick, {}).setdefault(task, []).append(payload)
        if last:
            self._finished[task] = max(tick, self._finished.get(task, -1))

    def complete(self) -> Iterator[tuple[int, list[Payload]]]:
        """Ticks that are complete now, in order, with all their payloads."""
        if len(self._finished) < len(self.tasks):
            return
        upto = min(self._finished.values())
        for tick in sorted(t for t in self._waiting if t <= upto):
            by_task = self._waiting.pop(tick)
            self.passed = tick
            yield tick, [payload for task in sorted(by_task, key=str) for payload in by_task[task]]
