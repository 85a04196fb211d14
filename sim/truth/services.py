"""True numbers of the Sipaten KPI (catalogue 10).

Due is the fifth working day after the first `completeness_decided{complete}`; a request that was
never complete is in no window.  Withdrawn requests are left out.  A request for the same letter
by the same applicant within an hour (inclusive) of one that counts is the same request.  Which
one counts is settled in the order of requesting, before anything else is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core import moment
from sim import workdays
from sim.areas import kecamatan_of
from sim.cases import Service
from sim.truth.windows import Row, Window

KPI = "sipaten_on_time_pct"
STANDARD_DAYS = 5


def _times(service: Service, what: str, **fields: bool) -> list[int]:
    return [
        step.at for step in service.steps
        if step.what == what and all(step.fields.get(k) == v for k, v in fields.items())
    ]  # fmt: skip


def without_repeats(services: Iterable[Service]) -> list[Service]:
    """The requests that count as requests, in the order in which they were made."""
    kept: list[Service] = []
    counted_at: dict[tuple[str, str], int] = {}
    for service in sorted(services, key=lambda s: (s.requested_at, s.case_id)):
        same = (service.nik, service.service_code)
        if service.requested_at - counted_at.get(same, -moment.DAY) > moment.HOUR:
            counted_at[same] = service.requested_at
            kept.append(service)
    return kept


def verdicts(
    services: Iterable[Service], window: Window
) -> Iterator[tuple[Service, bool, str | None]]:
    """(request, decided in time, why left out) for each request that is due in the window."""
    services = list(services)
    kept = {service.case_id for service in without_repeats(services)}
    for service in services:
        complete = _times(service, "completeness_decided", complete=True)
        due = workdays.due(complete[0], STANDARD_DAYS) if complete else None
        if due is None or not window.holds(due):
            continue
        decided = _times(service, "decided")
        reason = "withdrawn" if _times(service, "withdrawn") else None
        if service.case_id not in kept:
            reason = "duplicate"
        yield service, bool(decided) and decided[0] <= due, reason


def rows(services: Iterable[Service], window: Window) -> Iterator[Row]:
    """The row of the city, and one for each kecamatan that has a request."""
    counts = {("city", "city"): [0, 0]}
    for service, good, reason in verdicts(services, window):
        if reason is None:
            for scope in (("city", "city"), ("kecamatan", kecamatan_of(service.kelurahan_code))):
                count = counts.setdefault(scope, [0, 0])
                count[0] += good
                count[1] += 1
    for (scope_type, scope_id), count in sorted(counts.items()):
        yield Row(KPI, window.name, scope_type, scope_id, window.start, window.end, *count)
