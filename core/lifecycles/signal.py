"""The traffic signals of one intersection: faulty, said to work, working (catalogue KPI 27)."""

from __future__ import annotations

from collections.abc import Sequence

from core.events import Event
from core.law import Law
from core.lifecycle import STAYS, Lifecycle, Step, by_type, moves

WORKING = "working"


def _named(event: Event, before: Sequence[Step], law: Law) -> str:
    """What a device saw is no mere claim."""
    if event.type == "signal.restored" and event.flag("confirmed"):
        return "restored_confirmed"
    return by_type(event, before, law)


SIGNAL_LIFE = Lifecycle(
    kind="signal",
    title_en="Traffic signal fault",
    title_id="Gangguan lampu lalu lintas",
    opens="signal.alarm",
    start=WORKING,
    opened=WORKING,
    names={
        "signal.alarm": ("alarm",),
        "signal.dispatched": ("dispatched",),
        "signal.restored": ("restored", "restored_confirmed"),
    },
    naming=_named,
    declared=moves(
        (f"{WORKING} faulty said_to_work", "alarm", "faulty"),
        ("faulty said_to_work", "dispatched", STAYS),
        ("faulty said_to_work", "restored", "said_to_work"),
        ("faulty said_to_work", "restored_confirmed", WORKING),
        (WORKING, "dispatched", STAYS, "KPI 27: answers no fault, there is none"),
        (WORKING, "restored restored_confirmed", STAYS, "KPI 27: ends no fault, there is none"),
    ),
)
