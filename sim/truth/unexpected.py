"""True numbers of events that cannot be: steps of cases that do not fit to what came before them.

Each kind of case has its own plain rule of what fits, given the steps before.  A step counts on its
day, at the source that told it; the first step of a case fits, and nothing that comes before it or
without it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from sim.cases import Step
from sim.signals import SOURCE as ATCS
from sim.story import Story
from sim.truth.kpi import Truth
from sim.truth.links import holds, is_linked
from sim.truth.windows import TOLD, Row, Window, tallied
from sim.unconnected import PPID
from sim.workdays import NO_DECREE, Decree

KPI = "case_events_unexpected_pct"

Fits = Callable[[Step, Sequence[Step]], bool]
"""(a step, those before it of a case that has begun)."""
TEN = 10


def _since(before: Sequence[Step], *what: str) -> int:
    """How many steps ago one of these happened; longer ago than all when none did."""
    return next((n for n, s in enumerate(reversed(before)) if s.what in what), len(before) + 1)


def _happened(before: Iterable[Step], *what: str) -> bool:
    return any(step.what in what for step in before)


def complaint(step: Step, before: Sequence[Step], decree: Decree = NO_DECREE) -> bool:
    """What fits to a complaint."""
    what = step.what
    if what in ("notified", "published"):
        return True
    if what in ("duplicate_gained", "duplicate_lost"):
        return holds(before, step.fields["duplicate_case_id"]) is (what == "duplicate_lost")
    if what in ("duplicate_linked", "duplicate_unlinked"):
        return is_linked(before) is (what == "duplicate_unlinked")
    if _happened(before, "rejected", "withdrawn", "archived"):
        return what == "closed"
    if _happened(before, "closed"):
        return what == "rated"
    if solved := [one.at for one in before if one.what == "resolved"]:
        in_time = [one.at for one in before if one.what == "reopened"
                   and _in_ten_days(solved, one.at, decree)]  # fmt: skip
        if not any(again >= solved[-1] for again in in_time):
            return what in ("responded", "rated", "closed") or (
                what == "reopened" and _in_ten_days(solved, step.at, decree)
            )
    return _of_an_open_one(step, before)


def _in_ten_days(solved: Sequence[int], at: int, decree: Decree) -> bool:
    earlier = [one for one in solved if one <= at]
    return bool(earlier) and at <= decree.due(earlier[-1], TEN, earlier[-1])


def _of_an_open_one(step: Step, before: Sequence[Step]) -> bool:
    asked = [n for n, one in enumerate(before) if one.fields.get("verdict") == "incomplete"]
    since_asked = before[asked[-1] :] if asked else before
    valid = any(one.fields.get("verdict") == "valid" for one in since_asked)
    waits = bool(asked) and not valid and not _happened(since_asked, "completed_by_reporter")
    if step.what == "verified":
        reopened = _happened(before, "reopened")
        return step.fields["verdict"] == "incomplete" or not (valid or reopened)
    if step.what in ("completed_by_reporter", "archived"):
        return waits
    if step.what in ("forwarded", "assigned", "progressed", "resolved"):
        return not waits
    return step.what in ("responded", "rejected", "withdrawn")


def service(step: Step, before: Sequence[Step]) -> bool:
    """What fits to a request for a letter; its record may be corrected at any time."""
    if step.what == "record_amended":
        return True
    refused = any(one.fields.get("outcome") == "refused" for one in before)
    if _happened(before, "withdrawn", "completed") or refused:
        return False
    complete = any(one.fields.get("complete") is True for one in before)
    decided = _happened(before, "decided")
    return {
        "completeness_decided": not complete and not decided,
        "decided": complete and not decided,
        "completed": decided,
        "withdrawn": not decided,
        "counter_visit": True,
        "fee_charged": True,
    }.get(step.what, False)


def inquiry(step: Step, before: Sequence[Step], decree: Decree = NO_DECREE) -> bool:
    """What fits to a request for information."""
    if step.what == "extended":
        in_time = step.at <= decree.due(before[0].at, TEN, step.at)
        return in_time and bool(step.fields["reason"]) and len(before) == 1
    last = _since(before, "answered") < _since(before, "objection")
    if step.what == "objection":
        return not _happened(before, "objection") or last
    return step.what == "answered" and (not _happened(before, "answered") or not last)


def breach(step: Step, _before: Sequence[Step]) -> bool:
    """What fits to a breach: notices, and no second detection."""
    return step.what == "notice_sent"


def once(step: Step, before: Sequence[Step]) -> bool:
    """Each step once, and nothing after the end."""
    return not _happened(before, step.what, "resolved")


def violation(step: Step, before: Sequence[Step]) -> bool:
    """Each step once, and only right after the one before it."""
    order = ("validated", "forwarded", "letter_sent", "confirmed")
    return order.index(step.what) == 1 + max(order.index(one.what) for one in before)


def repair(step: Step, before: Sequence[Step]) -> bool:
    """An alarm always fits; that it works again, or a team, only while it is not known to work."""
    return step.what == "alarm" or _since(before, "alarm") < _since(before, "seen")


def told(story: Story) -> Iterator[tuple[str, str, Fits, list[Step]]]:
    """Source, first step, rule and steps of every case."""
    for case in (*story.complaints, *story.strays.complaints):
        yield case.source, "submitted", partial(complaint, decree=story.decree), case.steps
    for asked in (*story.services, *story.strays.services):
        yield "sipaten", "requested", service, asked.steps
    for wish in (*story.inquiries, *story.strays.inquiries):
        yield PPID, "received", partial(inquiry, decree=story.decree), wish.steps
    duties = (
        ("breach_detected", breach, [*story.breaches, *story.strays.breaches]),
        ("validated", violation, [*story.violations, *story.strays.violations]),
        ("raised", once, [*story.alerts, *story.strays.alerts]),
    )
    for first, fits, cases in duties:
        for duty in cases:
            yield duty.source, first, fits, duty.steps
    for place in {turn.intersection_id for turn in story.turns}:
        turns = [Step(t.what, t.at) for t in story.turns if t.intersection_id == place]
        yield ATCS, "alarm", repair, turns


def oddities(first: str, fits: Fits, steps: Iterable[Step]) -> list[tuple[Step, bool]]:
    """Each step of a case, and whether it does not fit."""
    told = sorted(steps, key=lambda step: step.at)
    begins = next((n for n, step in enumerate(told) if step.what == first), len(told))
    return [
        (step, n < begins or (n > begins and not fits(step, told[begins:n])))
        for n, step in enumerate(told)
    ]


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return tallied(
        KPI,
        window,
        (
            (int(odd), 1, [("channel", step.told_by.source if step.told_by else source)])
            for source, first, fits, steps in told(story)
            for step, odd in oddities(first, fits, steps)
            if window.holds(step.at)
        ),
    )


TRUTHS = (
    Truth(KPI, ("sikesal", "sipaten"), ("1d", "28d"), _rows, in_catalogue=False, horizon=TOLD),
)
