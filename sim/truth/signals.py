"""True numbers of signal repairs (catalogue 27).

An alarm more than 60 minutes after the signal was back is a new fault, any other belongs to the
one before.  It was back when, after its last alarm, a device first saw it work, or when somebody
said so in the 30 minutes before that.  It is known since its first alarm, or since a citizen filed
or a camera saw what hangs together with this alarm as an incident (catalogue 28), if what they tell
of was no earlier than when the signal was back from the fault before.  It counts when 24 hours
after that are over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from core import moment
from sim.city import intersections
from sim.signals import FAULT, SOURCE, Turn
from sim.story import Story
from sim.truth.kpi import Beside, Truth
from sim.truth.ranks import share
from sim.truth.triangulation import Incident, incidents
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
    told: tuple[int, str] | None = None
    """When a citizen or a camera told of it, if that was before the first alarm; and which."""

    @property
    def known(self) -> int:
        """Moment from which on somebody knew."""
        return self.told[0] if self.told else self.alarms[0]

    @property
    def due(self) -> int:
        """Moment by which it has to be back."""
        return self.known + LIMIT


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


def with_first(faults: list[Fault], found: list[Incident]) -> list[Fault]:
    """The faults of one intersection, in order, with who knew of them before the alarm."""
    return [
        replace(fault, told=_first(fault, found, faults[index - 1].back if index else None))
        for index, fault in enumerate(faults)
    ]


def _first(fault: Fault, found: list[Incident], since: int | None) -> tuple[int, str] | None:
    place, alarm = intersections().get(fault.intersection_id), fault.alarms[0]
    told: list[tuple[int, str]] = []
    for incident in found:
        if any((c.incident, c.point, c.at) == (FAULT, place, alarm) for c in incident.claims):
            for claim in incident.claims:
                at = claim.at if claim.told_at is None else claim.told_at
                of_it = since is None or claim.at >= since
                if claim.family != "officer" and at < alarm and of_it:
                    told.append((at, claim.family))
    return min(told, default=None)


def _is_out(turns: list[Turn], at: int) -> bool:
    told = [turn for turn in turns if turn.what in ("alarm", "seen") and turn.at <= at]
    return max(told, key=lambda turn: turn.at).what == "alarm"


@lru_cache(maxsize=256)
def _faults(story: Story, name: str) -> list[Fault]:
    own = [turn for turn in story.turns if turn.intersection_id == name]
    return with_first(faults(own, story.end), incidents(story))


def _due(story: Story, window: Window) -> dict[str, list[Fault]]:
    names = sorted({turn.intersection_id for turn in story.turns})
    return {
        name: [fault for fault in _faults(story, name) if window.holds(fault.due)]
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
    """Power cuts, who knew first, and to how many a team was sent within the hour.

    The last is no number if of no team anything is told.
    """
    own = [fault for name, part in _due(story, row.span).items() for fault in part
           if row.scope in (("city", "city"), ("intersection", name))]  # fmt: skip
    soon = sum(f.sent is not None and f.sent <= f.known + moment.HOUR for f in own)
    told = any(fault.sent is not None for fault in own)
    return {
        "power_cut": str(sum(fault.power_cut for fault in own)),
        **{
            name: str(sum(f.told is not None and f.told[1] == family for f in own))
            for name, family in (("known_by_citizen", "citizen"), ("known_by_camera", "sensor"))
        },
        "dispatch_1h_pct": share(soon, len(own)) if told else None,
    }


TRUTHS = (Truth(KPI, (SOURCE,), ("1d", "28d", "month"), _rows, horizon=FIELD, beside=_beside),)
