"""How a complaint was handled on its way: screened, passed on, answered, objected to.

Rules: KPIs 1, 2, 8 and 9 of the catalogue.  Functions of a case, so of its set of events.
"""

from __future__ import annotations

from itertools import pairwise

from core.calendar import Due
from core.complaints import Complaint
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


def screened_at(case: Complaint) -> int | None:
    """The first decision: forwarded, rejected, or the reporter asked for what is missing."""
    verdicts = case.told("complaint.verified")
    asked = [e.occurred_at for e in verdicts if e.text("verdict") == "incomplete"]
    return _earliest(*asked, *case.times("complaint.forwarded"), *case.times("complaint.rejected"))


def responded_at(case: Complaint) -> int | None:
    """The first substantive answer of an agency; a resolution is one."""
    answered = [
        e.occurred_at
        for e in case.told("complaint.responded")
        if e.text("actor") == "opd" and e.flag("substantive")
    ]
    return _earliest(*answered, *case.times("complaint.resolved"))


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
    resolved = case.times("complaint.resolved")
    return case.objection_ends(resolved[-1]) if resolved else None


def objected(case: Complaint) -> bool:
    """Whether any resolution was reopened within its 10 working days; several count once."""
    return any(
        at <= moment <= case.objection_ends(at).at
        for moment in case.reopened
        for at in case.times("complaint.resolved")
    )


def handlers(case: Complaint) -> list[str]:
    """Agencies that the case was assigned to before it was resolved, in order, each once.

    The desk that hands out is none; nor is a kecamatan that takes over from its kelurahan, or
    the other way round: one line of command (catalogue KPI 9).
    """
    found: list[str] = []
    for event in case.told("complaint.assigned"):
        name = event.text("opd")
        if name.casefold() == DESK:
            continue
        if case.resolved_at is not None and event.occurred_at > case.resolved_at:
            break
        if not any(_one_command(name, other) for other in found):
            found.append(name)
    return found


def hops(case: Complaint) -> list[tuple[int, int]]:
    """For each agency after the first: (assigned to the one before, assigned to it).

    By the first assignment to each, as `handlers` counts them.
    """
    assigned = case.told("complaint.assigned")
    at = [next(e.occurred_at for e in assigned if e.text("opd") == name) for name in handlers(case)]
    return list(pairwise(at))


def traceable(case: Complaint) -> bool:
    """Whether its reporter could follow it: a tracking id at once, and each step told in a day.

    A publication tells everybody; what tells an anonymous reporter must be one.  A publication
    with personal data in it is a failure whatever else happened (catalogue KPI 16).
    """
    published = case.told("complaint.published")
    if any(event.flag("personal_data") for event in published):
        return False
    named = bool(case.submitted.text("reporter_key"))
    told: dict[str, list[int]] = {}
    for event in (*published, *(case.told("complaint.notified") if named else ())):
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


def _earliest(*moments: int) -> int | None:
    return min(moments, default=None)
