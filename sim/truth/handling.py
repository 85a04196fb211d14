"""True numbers of how complaints are handled (catalogue 1, 2, 5, 8, 9 and 16).

- screened: forwarded, rejected, or the reporter was asked for more, by the third working day;
  withdrawn before that leaves it out; 112 has no verification.
- answered: the agency said something of substance, or it was solved, by the fifth working day
  after the first forwarding; the agency that has the case at that instant is charged.
- solved in a day: waste, street light and water, 24 hours from the first filing.
- reopened: within ten working days of a solution; the case counts when the ten working days after
  its last solution are over.
- a limit of working days stops with what it is the limit of, or when the case is done with without.
- passed on: two agencies before it was solved; going back to the desk and returning is none.
- traced: of the closed cases; the reporter was told of the filing in five minutes and of each other
  step in 24 hours, and nothing published had personal data in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from core import moment
from sim.story import Story
from sim.truth.complaints import Verdict, cases_of, of_cases
from sim.truth.kpi import Beside
from sim.truth.ranks import hours, nearest_rank, share, whole_seconds
from sim.truth.registers import agency, category
from sim.truth.standing import Standing
from sim.truth.windows import CITY, Row, Window

SCREENING_DAYS = 3
ANSWER_DAYS = 5
UTILITIES = ("sampah", "lampu_jalan", "air", "kebocoran_pipa")
FLOODS = ("banjir", "drainase")
DESK = "diskominfo"


def _no_case_of_its_own(case: Standing) -> str | None:
    if case.linked or case.copy or case.complaint.origin_ref:
        return "duplicate"
    return case.complaint.kind if case.complaint.kind in ("aspiration", "wbs") else None


def _decided(case: Standing) -> list[int]:
    asked = case.times("verified", verdict="incomplete")
    return case.times("forwarded") + case.times("rejected") + asked


def screening_ends(case: Standing) -> int:
    """By when it is to be decided what becomes of it."""
    stopped = min(_decided(case), default=case.done_at)
    return case.decree.due(case.first_filed, SCREENING_DAYS, stopped)


def screened(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 1."""
    found = []
    for case in cases:
        due = screening_ends(case)
        if not window.holds(due):
            continue
        reason = _no_case_of_its_own(case)
        if reason is None and any(at <= due for at in case.times("withdrawn")):
            reason = "withdrawn"
        if reason is None and case.complaint.source == "call112":
            reason = "no_verification"
        found.append(Verdict(case, any(at <= due for at in _decided(case)), reason))
    return found


def _said(case: Standing) -> list[int]:
    return case.times("resolved") + case.times("responded", actor="opd", substantive=True)


def answer_ends(case: Standing) -> int | None:
    """By when the agency is to say something; None before it was handed to one."""
    forwarded = case.times("forwarded")
    stopped = min(_said(case), default=case.done_at)
    return case.decree.due(forwarded[0], ANSWER_DAYS, stopped) if forwarded else None


def answered(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 2."""
    found = []
    for case in cases:
        due = answer_ends(case)
        if due is not None and window.holds(due):
            good = any(at <= due for at in _said(case))
            found.append(Verdict(case, good, case.gone, case.opd_at(due)))
    return found


def solved_in_a_day(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 5."""
    found = []
    for case in cases:
        due = case.first_filed + moment.DAY
        if case.complaint.category in UTILITIES and window.holds(due):
            solved = case.resolved_at
            found.append(Verdict(case, solved is not None and solved <= due, case.left_out))
    return found


def objection_ends(case: Standing) -> int | None:
    """When the time to object to its last solution is over; None without one."""
    solved = case.times("resolved")
    return case.objection_ends(solved[-1]) if solved else None


def reopened(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 8; "good" here means reopened."""
    found = []
    for case in cases:
        ends = objection_ends(case)
        if ends is not None and window.holds(ends):
            objections = [
                again for at in case.times("resolved") for again in case.times("reopened")
                if at <= again <= case.objection_ends(at)
            ]  # fmt: skip
            found.append(Verdict(case, bool(objections), case.gone))
    return found


def passed_on(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 9; "good" here means passed on.  Story agencies have no line of command in common."""
    found = []
    for case in cases:
        solved = case.resolved_at
        names = [
            str(step.fields["opd"]) for step in case.steps
            if step.what == "assigned" and (solved is None or step.at <= solved)
            and step.fields["opd"] != DESK
        ]  # fmt: skip
        if names and window.holds(case.times("assigned")[0]):
            found.append(Verdict(case, len(set(names)) > 1, case.gone, names[0]))
    return found


def traced(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 16."""
    found = []
    for case in cases:
        if case.times("closed") and window.holds(case.times("closed")[0]):
            good = not case.times("published", personal_data=True)
            for step in case.steps:
                if step.what in ("notified", "published", "responded", "rated") or (
                    step.what.startswith("duplicate_")
                ):
                    continue
                longest = 5 * moment.MINUTE if step.what == "submitted" else moment.DAY
                notices = case.times("notified", about=step.what)
                notices += case.times("published", about=step.what)
                good &= any(step.at <= at <= step.at + longest for at in notices)
            found.append(Verdict(case, good, _no_case_of_its_own(case)))
    return found


def _rain_and_surge(story: Story, row: Row) -> Beside:
    """KPI 5, of the city alone: floods and drains, and hours with far more reports than usual.

    Usual is the 99th percentile (nearest rank) of the hours of the 90 days before the window, those
    without a report too; over three times that is a surge.  While that is nought nobody knows.
    """
    if row.scope != CITY:
        return {"floods": None, "floods_24h_pct": None, "surge_hours": None}
    due = [(case, case.first_filed + moment.DAY) for case in cases_of(story)
           if case.complaint.category in FLOODS and case.left_out is None]  # fmt: skip
    solved = [case.resolved_at is not None and case.resolved_at <= at
              for case, at in due if row.span.holds(at)]  # fmt: skip
    filed = Counter(case.complaint.submitted_at // moment.HOUR for case in cases_of(story)
                    if case.complaint.category in UTILITIES)  # fmt: skip
    first, last = row.window_start // moment.HOUR, row.window_end // moment.HOUR
    usual = nearest_rank([filed[hour] for hour in range(first - 90 * 24, first)], 99)
    surges = sum(filed[hour] > 3 * usual for hour in range(first, last)) if usual else None
    return {
        "floods": str(len(solved)),
        "floods_24h_pct": share(sum(solved), len(solved)),
        "surge_hours": None if surges is None else str(surges),
    }


def _hops(story: Story, row: Row) -> Beside:
    """KPI 9: the median time from one agency to the next."""
    waits: list[int] = []
    for verdict in passed_on(cases_of(story), row.span):
        own = (("opd", agency(str(verdict.opd))),
               ("category", category(verdict.case.complaint.category)))  # fmt: skip
        if verdict.left_out is None and row.scope in (CITY, *own):
            solved = verdict.case.resolved_at
            firsts: dict[str, int] = {}
            for step in verdict.case.steps:
                if (
                    step.what == "assigned"
                    and step.fields["opd"] != DESK
                    and (solved is None or step.at <= solved)
                ):
                    firsts.setdefault(str(step.fields["opd"]), step.at)
            waits += [whole_seconds(b - a) for a, b in pairwise(firsts.values())]
    return {"hop_p50_hours": hours(nearest_rank(waits, 50))}


TRUTHS = (
    of_cases("complaint_verification_on_time_pct", ("1d", "28d", "month"), ("channel", "kecamatan"),
             screened),
    of_cases("complaint_first_response_on_time_pct", ("1d", "28d", "month"), ("opd", "channel"),
             answered),
    of_cases("complaint_reopen_pct", ("1d", "28d", "month"), ("opd", "category"), reopened),
    replace(of_cases("complaint_misrouting_pct", ("1d", "28d", "month"), ("opd", "category"),
                     passed_on), beside=_hops),
    of_cases("complaint_public_trace_pct", ("1d", "28d", "month"), ("channel", "opd"), traced),
    replace(of_cases("env_utility_24h_resolution_pct", ("1d", "7d", "month"),
                     ("category", "kecamatan", "opd"), solved_in_a_day), beside=_rain_and_surge),
)  # fmt: skip
