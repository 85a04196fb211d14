"""Alarms of the traffic control system as claims (catalogue 5.1).

Each alarm is one, at its instant and at its intersection.  It is of the family sensor, as what a
camera saw, and it is no camera: KPI 31 asks of cameras what an alarm knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from core.signals import FAULT, Signals
from core.triangulation import Claim


def alarms(signals: Signals) -> Iterator[Claim]:
    """A claim for each alarm of an intersection.

    It lasted until the next thing that was said of the signals: another alarm, or that they work,
    whoever said so.  After the last word nobody knows.
    """
    where, place = signals.intersection, signals.place
    lat, lon = (None, None) if place is None else place
    told = [e for e in signals.events if e.type in {"signal.alarm", "signal.restored"}]
    for event, following in zip_longest(told, told[1:]):
        if event.type == "signal.alarm":
            until = None if following is None else following.occurred_at
            yield Claim(
                claim_of(where, event.event_id), FAULT, "sensor", event.occurred_at, lat, lon,
                signal=where, until=until,
            )  # fmt: skip


def claim_of(intersection: str, alarm: str) -> str:
    """Id of the claim that an alarm makes, by the id of its event."""
    return f"alarm|{intersection}|{alarm}"
