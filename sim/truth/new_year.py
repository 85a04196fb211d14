"""What nobody can compute at the turn of a year whose calendar has not been decreed.

Convention C2c and the row "calendar" of docs/decisions/0007-rules-we-chose.md, for the numbers of
complaints whose limits are working days (catalogue 1, 2, 3 and 8).  A limit that is counted into
2027 is not known: it cannot fall before the day that it would be if no weekday of 2027 were free
(as `sim.workdays` counts).  From the window that reaches into that day on the number of every scope
of the case cannot be computed, counted or left out; what fell due before is counted as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core import moment
from sim import workdays
from sim.truth import complaints, handling
from sim.truth.complaints import SCOPES, Verdict
from sim.truth.registers import agency
from sim.truth.standing import Standing
from sim.truth.windows import CITY, Row, Scope, Window

LAST_KNOWN = 2026


@dataclass(frozen=True, slots=True)
class Clock:
    """A number's limit: when it falls due, or the earliest moment at which it may.

    `held` says whether it is charged to the agency that had the case at that limit.
    """

    scopes: tuple[str, ...]
    limit: Callable[[Standing], int | None]
    verdicts: Callable[[Iterable[Standing], Window], list[Verdict]]
    held: bool = False

    def is_known(self, case: Standing) -> bool:
        """Whether no day of a year without calendar is counted."""
        limit = self.limit(case)
        return limit is None or workdays.wib_date(limit).year <= LAST_KNOWN


CLOCKS: Mapping[str, Clock] = {
    "complaint_verification_on_time_pct": Clock(
        ("channel", "kecamatan"), handling.screening_ends, handling.screened),
    "complaint_first_response_on_time_pct": Clock(
        ("opd", "channel"), handling.answer_ends, handling.answered, held=True),
    "complaint_resolution_on_time_pct": Clock(
        ("kecamatan", "opd", "channel"), lambda case: case.due, complaints.national),
    "complaint_reopen_pct": Clock(
        ("opd", "category"), handling.objection_ends, handling.reopened),
}  # fmt: skip


def unknown_from(kpi: str, cases: Iterable[Standing]) -> dict[Scope, int]:
    """Scopes whose number cannot be computed, and the midnight that begins the first such day."""
    clock, found = CLOCKS[kpi], dict[Scope, int]()
    for case in cases:
        limit = clock.limit(case)
        if limit is None or clock.is_known(case):
            continue
        day = moment.wib_day_start(limit)
        for scope in (CITY, *_scopes(clock, case, limit)):
            found[scope] = min(found.get(scope, day), day)
    return found


def _scopes(clock: Clock, case: Standing, limit: int) -> Iterable[Scope]:
    for name in clock.scopes:
        own = SCOPES[name](case)
        if name == "opd" and clock.held:
            own = agency(str(case.opd_at(limit)))
        if own is not None:
            yield name, own


def rows(kpi: str, cases: Iterable[Standing], window: Window) -> list[Row]:
    """What is known to have fallen due in a window, the city first."""
    clock, known = CLOCKS[kpi], [case for case in cases if CLOCKS[kpi].is_known(case)]
    return list(complaints.counted(kpi, window, clock.verdicts(known, window), clock.scopes))
