"""What was measured to be normal, which refutes that it was not (catalogue 5.4 and KPI 29).

An opposite measurement is explicit: traffic that flowed, a signal that a device saw working.  That
nothing was heard is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from core.signals import FAULT, Signals
from core.traffic import LENGTH, Quarter


class Normal(msgspec.Struct, frozen=True, order=True, gc=False):
    """It was normal at an intersection in [start, end); `incident` is what it was not."""

    intersection: str
    start: int
    end: int
    name: str
    """Of the statement: which quarter, or the signal and since when."""
    incident: str


def flowed(quarter: Quarter) -> Iterator[Normal]:
    """A quarter of an hour at the least level of service (KPI 25) or a better one."""
    if quarter.left_out is None and quarter.acceptable:
        start = quarter.start
        name = f"traffic|{quarter.intersection}|{start // LENGTH}"
        yield Normal(quarter.intersection, start, start + LENGTH, name, "congestion")


def worked(signals: Signals) -> Iterator[Normal]:
    """From the first to the last time that a device saw the signal work, with no alarm between.

    After the last one nobody knows: the system may have been silent and not the signal healthy.
    """
    where = signals.intersection
    spans: list[list[int]] = []
    alarmed = True
    for event in signals.events:
        if event.type == "signal.alarm":
            alarmed = True
        elif event.flag("confirmed"):
            if alarmed:
                spans.append([event.occurred_at, event.occurred_at])
            spans[-1][1], alarmed = event.occurred_at, False
    for start, last in spans:
        if start < last:
            yield Normal(where, start, last + 1, f"signal|{where}|{start}", FAULT)


@dataclass(frozen=True, slots=True)
class _Spell:
    start: int
    end: int
    names: tuple[tuple[int, int, str], ...]


class Normality:
    """What is known to have been normal of one class, by intersection."""

    def __init__(self, told: Iterable[Normal]) -> None:
        """Spans that follow each other without a gap are one."""
        self._spells: dict[str, list[_Spell]] = {}
        for one in sorted(told):
            spells = self._spells.setdefault(one.intersection, [])
            own = (one.start, one.end, one.name)
            if spells and one.start <= spells[-1].end:
                last = spells.pop()
                spells.append(_Spell(last.start, max(last.end, one.end), (*last.names, own)))
            else:
                spells.append(_Spell(one.start, one.end, (own,)))

    def throughout(self, intersection: str, start: int, end: int) -> tuple[str, ...]:
        """Names of what says so of all of [start, end]; empty if anything of it is not known."""
        for spell in self._spells.get(intersection, ()):
            if spell.start <= start and end < spell.end:
                return tuple(n for since, until, n in spell.names if since <= end and start < until)
        return ()
