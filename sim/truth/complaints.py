"""True numbers of the complaint KPIs (catalogue 3, 4, 6 and 7)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from core import moment
from sim.areas import kecamatan_of
from sim.cases import Complaint
from sim.city import CATEGORIES
from sim.story import Story
from sim.truth.kpi import Beside, Reasons, Truth
from sim.truth.ranks import hours as hours_of
from sim.truth.ranks import nearest_rank, share
from sim.truth.registers import agency, category, kelurahan
from sim.truth.standing import Standing, standing
from sim.truth.survival import half
from sim.truth.twins import copies
from sim.truth.windows import CITY, Row, Scope, Window, by_reason, tallied
from sim.workdays import NO_DECREE, Decree


@dataclass(frozen=True, slots=True)
class Verdict:
    """One case in one window: is it good, why was it left out, whose is it if not its holder's."""

    case: Standing
    good: bool
    left_out: str | None = None
    opd: str | None = None


def known(complaints: Iterable[Complaint], at: int, decree: Decree = NO_DECREE) -> list[Standing]:
    """All complaints filed before `at`, as known then."""
    filed = list(complaints)
    twice = copies(filed, at)
    found = (standing(complaint, at, decree) for complaint in filed)
    return [
        replace(case, copy=case.complaint.case_id in twice) for case in found if case is not None
    ]


@lru_cache(maxsize=4)
def cases_of(story: Story) -> tuple[Standing, ...]:
    """All complaints as known at the end of the story."""
    return tuple(known(story.complaints, story.end, story.decree))


def national(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 3: cases whose national limit ends in the window; good when solved by then.

    One that waits for its reporter, or ended while it did, has no limit: it is left out of the
    window in which it was first filed.
    """
    found = []
    for case in cases:
        due = case.due
        if due is None and window.holds(case.first_filed):
            found.append(Verdict(case, False, case.left_out))
        elif due is not None and window.holds(due):
            solved = case.resolved_at
            found.append(Verdict(case, solved is not None and solved <= due, case.left_out))
    return found


def local(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 4: Sikesal cases whose 24, 48 or 72 hours after the first filing end in the window.

    A case that waits for its reporter is left out; one that waited and went on keeps its hours.
    """
    found = []
    for case in cases:
        due = case.first_filed + hours(case.complaint) * moment.HOUR
        if case.complaint.source == "sikesal" and window.holds(due):
            solved = case.resolved_at
            reason = case.left_out or ("long_cycle" if case.long_cycle else None)
            found.append(Verdict(case, solved is not None and solved <= due, reason))
    return found


def hours(complaint: Complaint) -> int:
    """What Sikesal promises for a category; 72 for categories that it does not name."""
    promised = CATEGORIES.get(complaint.category)
    return promised.local_hours if promised else 72


def backlog(complaints: Iterable[Complaint], at: int, until: int | None = None,
            decree: Decree = NO_DECREE) -> list[Verdict]:  # fmt: skip
    """KPI 7: cases open at a moment, as known later, at `until`; "good" here means overdue.

    Whose it is, what it is a duplicate of and when it is due is as known later.  A case that was
    ever verified is valid from that verdict on; one that never was, from its first filing.  A
    waiting case is open and left out as paused, an aspiration or a secret report as what it is;
    cases that ended without a solution are not open at all.
    """
    found = []
    for case in known(complaints, at if until is None else until, decree):
        # Of some only a copy was filed by then, and the matter was open as that one.
        then = standing(case.complaint, at, decree) or Standing(case.complaint, ())
        if case.first_filed >= at or then.resolved_at is not None:
            continue
        if then.ended_without_solution not in (None, "duplicate"):
            continue
        if case.copy or case.ended_without_solution == "duplicate":
            continue
        verified = case.times("verified") and not then.times("verified")
        if verified and not then.times("completed_by_reporter"):
            continue
        due = case.due
        reason = then.left_out if then.left_out == "paused" else None
        reason = case.complaint.kind if case.complaint.kind in ("aspiration", "wbs") else reason
        found.append(Verdict(case, due is not None and due < at, reason))
    return found


def slowest_of_nine_in_ten(cases: Iterable[Standing], window: Window) -> tuple[int, int]:
    """KPI 6: nearest-rank P90 in whole seconds, and how many cases; (0, 0) without any."""
    seconds = sorted(
        (solved - case.first_filed) // moment.SECOND
        for case in cases
        if (solved := case.resolved_at) is not None and window.holds(solved) and case.gone is None
    )
    if not seconds:
        return 0, 0
    return seconds[math.ceil(len(seconds) * 9 / 10) - 1], len(seconds)


def not_timed(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 6: who has no time to resolve, on the day of the solution, or of the end without one."""
    found = []
    for case in cases:
        over = case.ended_at if case.resolved_at is None else case.resolved_at
        if case.gone and over is not None and window.holds(over):
            found.append(Verdict(case, False, case.gone))
    return found


SCOPES: dict[str, Callable[[Standing], str | None]] = {
    "kecamatan": lambda case: kecamatan_of(case.complaint.kelurahan_code),
    "opd": lambda case: agency(case.opd) if case.opd else "unassigned",
    "category": lambda case: category(case.complaint.category),
    "channel": lambda case: case.complaint.source,
    "kelurahan": lambda case: kelurahan(case.complaint.kelurahan_code),
}


def counted(kpi: str, window: Window, verdicts: list[Verdict], scopes: Iterable[str]
            ) -> Iterator[Row]:  # fmt: skip
    """The row of the city, and one for each scope that has a case."""
    kept = (verdict for verdict in verdicts if verdict.left_out is None)
    wanted = tuple(scopes)
    return tallied(kpi, window, ((v.good, 1, _named(v, wanted)) for v in kept))


def _named(verdict: Verdict, scopes: Iterable[str]) -> Iterator[Scope]:
    """The scopes of these types that the case has."""
    for scope in scopes:
        name = SCOPES[scope](verdict.case)
        if scope == "opd" and verdict.opd:
            name = agency(verdict.opd)
        if name is not None:
            yield scope, name


def of_verdicts(
    kpi: str,
    windows: tuple[str, ...],
    scopes: tuple[str, ...],
    verdicts: Callable[[Story, Window], list[Verdict]],
) -> Truth:
    """A KPI of which each case in the window is good or not."""
    found = lru_cache(maxsize=2)(verdicts)

    def rows(story: Story, window: Window) -> Iterator[Row]:
        return counted(kpi, window, found(story, window), scopes)

    def left_out(story: Story, window: Window) -> Reasons:
        return reasons(found(story, window), scopes)

    return Truth(kpi, ("sikesal",), windows, rows, left_out)


def reasons(verdicts: Iterable[Verdict], scopes: tuple[str, ...] = ()) -> Reasons:
    """Who is left out, and why."""
    return by_reason((v.left_out, _named(v, scopes)) for v in verdicts if v.left_out)


def of_cases(
    kpi: str,
    windows: tuple[str, ...],
    scopes: tuple[str, ...],
    verdicts: Callable[[Iterable[Standing], Window], list[Verdict]],
) -> Truth:
    """The same of cases as known at the end of the story."""
    return of_verdicts(kpi, windows, scopes, lambda story, w: verdicts(cases_of(story), w))


def _slowest(story: Story, window: Window) -> Iterator[Row]:
    cases = cases_of(story)
    below = sorted({
        (scope, name)
        for scope in ("opd", "category", "channel") for case in cases
        if (name := SCOPES[scope](case)) is not None
    })  # fmt: skip
    for scope, name in [CITY, *below]:
        own = [c for c in cases if scope == "city" or SCOPES[scope](c) == name]
        slow = slowest_of_nine_in_ten(own, window)
        if scope == "city" or slow[1]:
            yield Row("complaint_resolution_hours_p90", window.name, scope, name,
                      window.start, window.end, *slow)  # fmt: skip


def _not_timed(story: Story, window: Window) -> Reasons:
    return reasons(not_timed(cases_of(story), window), ("opd", "category", "channel"))


def _capital_works(story: Story, row: Row) -> Beside:
    """KPI 4: cases that need capital works, and which share of them was in time all the same."""
    own = [v for v in local(cases_of(story), row.span) if v.left_out == "long_cycle"
           and row.scope in (CITY, *_named(v, ("opd", "category", "kelurahan")))]  # fmt: skip
    good = sum(verdict.good for verdict in own)
    return {"long_cycle": str(len(own)), "long_cycle_on_time_pct": share(good, len(own))}


def _medians(story: Story, row: Row) -> Beside:
    """KPI 6: of those solved, and for the city with those that are not."""
    lasted = [
        (case.resolved_at - case.first_filed) // moment.SECOND
        for case in cases_of(story)
        if case.resolved_at is not None
        and row.span.holds(case.resolved_at)
        and case.gone is None
        and (row.scope == CITY or (row.scope_type and SCOPES[row.scope_type](case) == row.scope_id))
    ]
    followed = half(cases_of(story), row.span) if row.scope == CITY else None
    return {"p50_hours": hours_of(nearest_rank(lasted, 50)), "km_p50_hours": hours_of(followed)}


LEGAL_CAP = 60 * moment.DAY


def over_the_cap(found: Iterable[Verdict], at: int, scope: Scope = CITY) -> Beside:
    """KPI 7: of the open cases, those complete for more than 60 calendar days."""
    own = (v.case.complete_at for v in found if v.left_out is None
           and scope in (CITY, *_named(v, ("kecamatan", "opd"))))  # fmt: skip
    return {"legal_cap_breach": str(sum(c is not None and c + LEGAL_CAP < at for c in own))}


@lru_cache(maxsize=2)
def _daily(story: Story, window: Window) -> list[Verdict]:
    return backlog(story.complaints, window.end, story.end, story.decree)


def _capped(story: Story, row: Row) -> Beside:
    return over_the_cap(_daily(story, row.span), row.window_end, row.scope)


TRUTHS = (
    of_cases("complaint_resolution_on_time_pct", ("1d", "28d", "month", "quarter"),
             ("kecamatan", "opd", "channel"), national),
    replace(of_cases("sikesal_local_sla_on_time_pct", ("1h", "1d", "7d", "28d"),
                     ("opd", "category", "kelurahan"), local), beside=_capital_works),
    replace(
        of_verdicts("complaint_overdue_backlog_pct", ("1d",), ("kecamatan", "opd"), _daily),
        beside=_capped,
    ),
    Truth("complaint_resolution_hours_p90", ("sikesal",), ("1d", "28d", "quarter"), _slowest,
          _not_timed, beside=_medians,
          number=lambda _story, row: Fraction(row.numerator, 3600) if row.denominator else None),
)  # fmt: skip
