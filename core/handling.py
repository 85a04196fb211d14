"""How a complaint was handled on its way: screened, passed on, answered, objected to.

Rules: KPIs 1, 2, 8 and 9 of the catalogue.  Functions of a case, so of its set of events.
"""

from __future__ import annotations

from itertools import pairwise

from core.calendar import Due
from core.complaints import Complaint
from core.events import first_of
from core.moment import DAY, MINUTE

UNSCREENED_CHANNELS = frozenset({"call112"})
"""Channels without a verification step (catalogue KPI 1)."""
DESK = "diskominfo"
"""The agency that hands complaints out: a return to it is not a hop (catalogue KPI 9)."""
TRACKING_WITHIN = 5 * MINUTE
TOLD_WITHIN = DAY
"""Project choices of catalogue KPI 16: the tracking id at once, each step within a day."""
_STEPS = frozenset({
    "submitted", "verified", "completed_by_reporter", "rejected", "forwarded", "assigned",
    "progressed", "resolved", "reopened", "closed", "archived", "withdrawn",
})  # fmt: skip
_HOLDING = ("complaint.submitted", "complaint.forwarded", "complaint.assigned")


def first(case: Complaint, event_type: str) -> int | None:
    """When an event of the type happened first."""
    event = first_of(case.events, event_type)
    return event.occurred_at if event else None


def screened_at(case: Complaint) -> int | None:
    """The first decision: forwarded, rejected, or the reporter asked for what is missing."""
    for event in case.events:
        asked = event.type == "complaint.verified" and event.text("verdict") == "incomplete"
        if asked or event.type in {"complaint.forwarded", "complaint.rejected"}:
            return event.occurred_at
    return None


def responded_at(case: Complaint) -> int | None:
    """The first substantive answer of an agency; a resolution is one."""
    for event in case.events:
        answered = event.type == "complaint.responded" and event.text("actor") == "opd"
        if event.type == "complaint.resolved" or (answered and event.flag("substantive")):
            return event.occurred_at
    return None


def holder_at(case: Complaint, at: int) -> str:
    """The agency that held the case at an instant; `unassigned` when none did."""
    names = [e.text("opd") for e in case.events if e.type in _HOLDING and e.occurred_at <= at]
    return next((name for name in reversed(names) if name), "unassigned")


def screening_due(case: Complaint) -> Due:
    """By when it must be verified and forwarded: 3 working days (SP4N-LAPOR!, figure verified)."""
    stopped = screened_at(case)
    stopped = case.closed_at if stopped is None else stopped
    return case.law.due(case.begun_at, lambda stand: stand.sla.screening_days, stopped)


def response_due(case: Complaint, forwarded: int) -> Due:
    """By when the agency must answer: 5 working days (SP4N-LAPOR!, figure verified)."""
    stopped = responded_at(case)
    stopped = case.closed_at if stopped is None else stopped
    return case.law.due(forwarded, lambda stand: stand.sla.response_days, stopped)


def objection_ends(case: Complaint) -> Due | None:
    """Last instant of the objection period after the last `resolved`; None without one."""
    resolved = [e.occurred_at for e in case.events if e.type == "complaint.resolved"]
    return case.objection_ends(resolved[-1]) if resolved else None


def objected(case: Complaint) -> bool:
    """Whether any resolution was reopened within its 10 working days; several count once."""
    resolved = [e.occurred_at for e in case.events if e.type == "complaint.resolved"]
    return any(
        at <= moment <= case.objection_ends(at).at for at in resolved for moment in case.reopened
    )


def handlers(case: Complaint) -> list[str]:
    """Agencies that the case was assigned to before it was resolved, in order, each once.

    The desk that hands out is none; nor is a kecamatan that takes over from its kelurahan, or
    the other way round: one line of command (catalogue KPI 9).
    """
    found: list[str] = []
    for event in case.events:
        if event.type != "complaint.assigned" or event.text("opd").casefold() == DESK:
            continue
        if case.resolved_at is not None and event.occurred_at > case.resolved_at:
            break
        if not any(_one_command(event.text("opd"), name) for name in found):
            found.append(event.text("opd"))
    return found


def hops(case: Complaint) -> list[tuple[int, int]]:
    """For each agency after the first: (assigned to the one before, assigned to it).

    By the first assignment to each, as `handlers` counts them.
    """
    names = handlers(case)
    at = [
        next(
            e.occurred_at
            for e in case.events
            if e.type == "complaint.assigned" and e.text("opd") == name
        )
        for name in names
    ]
    return list(pairwise(at))


def traceable(case: Complaint) -> bool:
    """Whether its reporter could follow it: a tracking id at once, and each step told in a day.

    A publication tells everybody; what tells an anonymous reporter must be one.  A publication
    with personal data in it is a failure whatever else happened (catalogue KPI 16).
    """
    if any(e.type == "complaint.published" and e.flag("personal_data") for e in case.events):
        return False
    named = bool(case.submitted.text("reporter_key"))
    told: dict[str, list[int]] = {}
    for event in case.events:
        if event.type == "complaint.published" or (named and event.type == "complaint.notified"):
            told.setdefault(event.text("about"), []).append(event.occurred_at)
    for event in case.events:
        step = event.type.removeprefix("complaint.")
        within = TRACKING_WITHIN if event is case.submitted else TOLD_WITHIN
        if step in _STEPS and not any(
            event.occurred_at <= at <= event.occurred_at + within for at in told.get(step, ())
        ):
            return False
    return True


def _one_command(a: str, b: str) -> bool:
    """The same agency, or area codes of which one contains the other (15.71.07, 15.71.07.1011)."""
    return a == b or (a[:1].isdigit() and (a.startswith(f"{b}.") or b.startswith(f"{a}.")))
