"""True numbers of the complaint KPIs (catalogue 3, 4, 6 and 7)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core import moment
from sim.areas import kecamatan_of
from sim.cases import Complaint
from sim.city import CATEGORIES
from sim.truth.standing import Standing, standing
from sim.truth.windows import Row, Window

Scope = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One case in one window: does it count, is it good, and why was it left out."""

    case: Standing
    good: bool
    left_out: str | None = None


def known(complaints: Iterable[Complaint], at: int) -> list[Standing]:
    """All complaints filed before `at`, as known then."""
    found = (standing(complaint, at) for complaint in complaints)
    return [case for case in found if case is not None]


def national(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 3: cases whose national limit ends in the window; good when solved by then."""
    found = []
    for case in cases:
        due = case.due
        if due is not None and window.holds(due):
            solved = case.resolved_at
            found.append(Verdict(case, solved is not None and solved <= due, case.left_out))
    return found


def local(cases: Iterable[Standing], window: Window) -> list[Verdict]:
    """KPI 4: Sikesal cases whose 24, 48 or 72 hours after submission end in the window.

    A case that waits for its reporter is left out; one that waited and went on keeps its hours.
    """
    found = []
    for case in cases:
        due = case.complaint.submitted_at + hours(case.complaint) * moment.HOUR
        if case.complaint.source == "sikesal" and window.holds(due):
            solved = case.resolved_at
            reason = case.left_out or ("long_cycle" if case.long_cycle else None)
            found.append(Verdict(case, solved is not None and solved <= due, reason))
    return found


def hours(complaint: Complaint) -> int:
    """What Sikesal promises for a category; 72 for categories that it does not name."""
    category = CATEGORIES.get(complaint.category)
    return category.local_hours if category else 72


def backlog(complaints: Iterable[Complaint], at: int) -> list[Verdict]:
    """KPI 7: cases open at a moment; "good" here means overdue.

    A waiting case is open and left out as paused; cases that ended without a solution are not
    open at all.
    """
    found = []
    for case in known(complaints, at):
        if case.resolved_at is None and case.ended_without_solution is None:
            due = case.due
            found.append(Verdict(case, due is not None and due < at, case.left_out))
    return found


def slowest_of_nine_in_ten(cases: Iterable[Standing], window: Window) -> tuple[int, int]:
    """KPI 6: nearest-rank P90 in whole seconds, and how many cases; (0, 0) without any."""
    seconds = sorted(
        (solved - case.complaint.submitted_at) // moment.SECOND
        for case in cases
        if (solved := case.resolved_at) is not None
        and window.holds(solved)
        and case.left_out is None
    )
    if not seconds:
        return 0, 0
    return seconds[math.ceil(len(seconds) * 9 / 10) - 1], len(seconds)


SCOPES: dict[str, Callable[[Standing], str | None]] = {
    "kecamatan": lambda case: kecamatan_of(case.complaint.kelurahan_code),
    "opd": lambda case: case.opd,
    "category": lambda case: case.complaint.category,
}


def counted(kpi: str, window: Window, verdicts: list[Verdict], scopes: Iterable[str]
            ) -> Iterator[Row]:  # fmt: skip
    """The row of the city, and one for each place or agency that has a case."""
    counts: dict[Scope, list[int]] = {("city", "city"): [0, 0]}
    for verdict in verdicts:
        if verdict.left_out is None:
            named = [(scope, SCOPES[scope](verdict.case)) for scope in scopes]
            for scope, name in [("city", "city"), *named]:
                if name is not None:
                    count = counts.setdefault((scope, name), [0, 0])
                    count[0] += verdict.good
                    count[1] += 1
    for (scope, name), (good, all_) in sorted(counts.items()):
        yield Row(kpi, window.name, scope, name, window.start, window.end, good, all_)
