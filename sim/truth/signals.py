"""True numbers of signal repairs (catalogue 27), as far as the traffic control system knows.

An alarm more than 60 minutes after the signal was back is a new fault, any other belongs to the
one before.  It was back when, after its last alarm, a device first saw it work, or when somebody
said so in the 30 minutes before that.  It counts when 24 hours after its first alarm are over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core import moment
from sim.signals import SOURCE, Turn
from sim.story import Story
from sim.truth.kpi import Truth
from sim.truth.windows import FIELD, Row, Window

KPI = "signal_fault_repair_on_time_pct"
LIMIT = 24 * moment.HOUR
NORMAL = 60 * moment.MINUTE
CONFIRMED = 30 * moment.MINUTE


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an intersection: moments of its alarms, and when it was back (None: not yet)."""

    intersection_id: str
    alarms: tuple[int, ...]
    back: int | None

    @property
    def due(self) -> int:
        """Moment by which it has to be back."""
        return self.alarms[0] + LIMIT


def back_at(turns: list[Turn], since: int, until: int) -> int | None:
    """When the signal was back, of what was said and seen between two alarms."""
    said = sorted(t.at for t in turns if t.what in ("said", "seen") and since <= t.at < until)
    seen = [t.at for t in turns if t.what == "seen" and since <= t.at < until]
    if not seen:
        return None
    return min(at for at in said if min(seen) - CONFIRMED <= at <= min(seen))


def faults(turns: list[Turn], end: int) -> list[Fault]:
    """Every fault of one intersection."""
    alarms = sorted(turn.at for turn in turns if turn.what == "alarm")
    found: list[Fault] = []
    for at, following in zip(alarms, [*alarms[1:], end], strict=True):
        back = back_at(turns, at, following)
        last = found[-1] if found else None
        if last is None or (last.back is not None and at - last.back > NORMAL):
            found.append(Fault(turns[0].intersection_id, (at,), back))
        else:
            found[-1] = Fault(last.intersection_id, (*last.alarms, at), back)
    return found


def _rows(story: Story, window: Window) -> Iterator[Row]:
    names = sorted({turn.intersection_id for turn in story.turns})
    due = {
        name: [
            fault for fault in faults([t for t in story.turns if t.intersection_id == name],
                                      story.end)
            if window.holds(fault.due)
        ]
        for name in names
    }  # fmt: skip
    scopes = [("city", "city", [fault for part in due.values() for fault in part])]
    scopes += [("intersection", name, part) for name, part in due.items() if part]
    for scope, name, part in scopes:
        good = sum(fault.back is not None and fault.back <= fault.due for fault in part)
        yield Row(KPI, window.name, scope, name, window.start, window.end, good, len(part))


TRUTHS = (Truth(KPI, (SOURCE,), ("1d", "28d", "month"), _rows, horizon=FIELD),)
