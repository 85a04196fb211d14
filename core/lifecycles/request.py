"""A request for a public service or a permit, from asking to handing over (catalogue KPI 10)."""

from __future__ import annotations

from collections.abc import Sequence

from core.events import Event
from core.law import Law
from core.lifecycle import STAYS, Lifecycle, Step, by_type, moves

WITHDRAWN = "withdrawn"


def _named(event: Event, before: Sequence[Step], law: Law) -> str:
    """A decision by what it says."""
    if event.type == "service.completeness_decided":
        return "found_complete" if event.flag("complete") else "found_incomplete"
    if event.type == "service.decided" and event.text("outcome") == "refused":
        return "refused"
    return by_type(event, before, law)


REQUEST_LIFE = Lifecycle(
    kind="request",
    title_en="Service or permit request",
    title_id="Permohonan layanan atau izin",
    opens="service.requested",
    start="unasked",
    opened="requested",
    names={
        "service.requested": ("requested",),
        "service.completeness_decided": ("found_complete", "found_incomplete"),
        "service.counter_visit": ("counter_visit",),
        "service.decided": ("decided", "refused"),
        "service.completed": ("completed",),
        "service.withdrawn": ("withdrawn",),
        "service.fee_charged": ("fee_charged",),
        "service.record_amended": ("record_amended",),
    },
    naming=_named,
    declared=moves(
        ("unasked", "requested", "requested"),
        ("requested incomplete", "found_incomplete", "incomplete"),
        ("requested incomplete", "found_complete", "complete"),
        ("requested incomplete complete decided", "counter_visit", STAYS),
        ("complete", "decided", "decided"),
        ("complete", "refused", "refused"),
        ("decided", "completed", "handed_over"),
        ("requested incomplete complete", "withdrawn", WITHDRAWN),
        ("requested incomplete complete decided", "fee_charged", STAYS),
        ("requested incomplete complete decided refused", "record_amended", STAYS),
        ("handed_over withdrawn", "record_amended", STAYS),
        ("refused handed_over withdrawn", "fee_charged", STAYS, "KPI 32: charged all the same"),
        ("requested incomplete", "decided", "decided", "KPI 10: without a complete file not due"),
        ("requested incomplete", "refused", "refused", "KPI 10: without a complete file not due"),
        ("complete", "found_complete", STAYS, "KPI 10: the first starts the clock"),
        ("complete", "found_incomplete", STAYS, "KPI 10: a clock that runs is not stopped"),
        ("decided refused handed_over", "decided refused", STAYS, "the first decision counts"),
        ("requested incomplete complete refused", "completed", "handed_over", "KPI 11: completed"),
        ("decided refused handed_over", "withdrawn", WITHDRAWN, "C9: left out all the same"),
    ),
)
