"""True numbers of signal repairs (catalogue 27), as far as the traffic control system knows.

An alarm more than 60 minutes after the signal was back is a new fault, any other belongs to the
one before.  It was back when, after its last alarm, a device first saw it work, or when somebody
said so in the 30 minutes before that.  It counts when 24 hours after its first alarm are over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core import moment
from sim.signals import SOURCE, Turn
from sim.story import Story
from sim.truth.kpi import Beside, Truth
from sim.truth.ranks import share
from sim.truth.windows import FIELD, Row, Window

KPI = "signal_fault_repair_on_time_pct"
LIMIT = 24 * moment.HOUR
NORMAL = 60 * moment.MINUTE
CONFIRMED = 30 * moment.MINUTE


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an intersection: moments of its alarms, and when it was back (None: not yet).

    `sent`: when first a team was sent to it.
    """

    intersection_id: str
    alarms: tuple[int, ...]
    back: int | None
    sent: int | None = None
    power_cut: bool = False

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
    ends = [*(fault.alarms[0] for fault in found[1:]), end]
    return [_with_team(fault, turns, until) for fault, until in zip(found, ends, strict=True)]


def _with_team(fault: Fault, turns: list[Turn], until: int) -> Fault:
    """A team that is sent while a device sees the signal work is sent to no fault."""
    own = [turn for turn in turns if fault.alarms[0] <= turn.at < until]
    sent = [turn.at for turn in own if turn.what == "sent" and _is_out(own, turn.at)]
    cut = any(turn.cause == "pln" for turn in own if turn.what == "alarm")
    return replace(fault, sent=min(sent, default=None), power_cut=cut)


def _is_out(turns: list[Turn], at: int) -> bool:
    told = [turn for turn in turns if turn.what in ("alarm", "seen") and turn.at <= at]
    return max(told, key=lambda turn: turn.at).what == "alarm"


def _due(story: Story, window: Window) -> dict[str, list[Fault]]:
    names = sorted({turn.intersection_id for turn in story.turns})
    return {
        name: [
            fault for fault in faults([t for t in story.turns if t.intersection_id == name],
                                      story.end)
            if window.holds(fault.due)
        ]
        for name in names
    }  # fmt: skip


def _rows(story: Story, window: Window) -> Iterator[Row]:
    due = _due(story, window)
    scopes = [("city", "city", [fault for part in due.values() for fault in part])]
    scopes += [("intersection", name, part) for name, part in due.items() if part]
    for scope, name, part in scopes:
        good = sum(fault.back is not None and fault.back <= fault.due for fault in part)
        yield Row(KPI, window.name, scope, name, window.start, window.end, good, len(part))


def _beside(story: Story, row: Row) -> Beside:
    """Power cuts, and to how many a team was sent within the hour, if of any it is told at all."""
    own = [fault for name, part in _due(story, row.span).items() for fault in part
           if row.scope in (("city", "city"), ("intersection", name))]  # fmt: skip
    soon = sum(f.sent is not None and f.sent <= f.alarms[0] + moment.HOUR for f in own)
    told = any(fault.sent is not None for fault in own)
    return {
        "power_cut": str(sum(fault.power_cut for fault in own)),
        "dispatch_1h_pct": share(soon, len(own)) if told else None,
    }


TRUTHS = (Truth(KPI, (SOURCE,), ("1d", "28d", "month"), _rows, horizon=FIELD, beside=_beside),)
