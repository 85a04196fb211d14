"""KPIs of complaint handling (catalogue 6.A)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.cells import EXCLUDED, UNSETTLED, Counters, Share, excluded, on_time, unsettled
from core.companion import Companion, count, share
from core.complaints import COMPLAINT, LIFECYCLE, Complaint
from core.kpi import Kpi, Reading, case_lateness, hours, percent
from core.moment import DAY
from core.percentile import lasted, median, p90
from core.snapshots import step
from core.survival import OPEN, followed, half_solved

LONG_CYCLE = f"{EXCLUDED}long_cycle"
LEGAL_CAP = 60 * DAY
"""Calendar days after the file is complete (Perpres 76/2013, verified in press)."""


def _by(case: Complaint, due: int) -> bool:
    return case.resolved_at is not None and case.resolved_at <= due


def _judged(case: Complaint, due: int) -> Counters:
    return unsettled() if case.unsettled else on_time(_by(case, due))


def _national(case: Complaint) -> Iterator[Share]:
    """Due cohort (C2b): once, in the window of the due instant, open cases included."""
    due = case.due
    if due is None:
        reason = "paused" if case.complete_at is None else "no_target"
        yield Share(case.begun_at, excluded(case.left_out or reason))
    elif case.left_out:
        yield due.share(excluded(case.left_out))
    else:
        yield due.share(_judged(case, due.at))


def _sikesal(case: Complaint) -> Iterator[Share]:
    """Wall clock from the first filing; capital works are a series apart, never silently gone."""
    if case.submitted.source != "sikesal":
        return
    due = case.sikesal_due_at
    reason = case.left_out or ("long_cycle" if case.long_cycle else None)
    if reason is None and case.complete_at is None:
        reason = "paused"
    if reason is None:
        yield Share(due, _judged(case, due))
        return
    kept = {"long:n": 1} if reason == "long_cycle" and _by(case, due) else {}
    yield Share(due, excluded(reason) | kept)


def _durations(case: Complaint) -> Iterator[Share]:
    """One count per whole second of the time to resolve, on the day of resolution.

    What is left out (C9) counts on that day too or, if nobody resolved it, on that of its end.
    Beside it every case is followed while it is open, whatever becomes of it.
    """
    if not case.stands_apart:
        counts = case.resolved_at is not None and not case.left_out
        ended = case.resolved_at if counts else case.gave_up_at
        yield from followed(case.begun_at, ended, solved=counts)
    if case.left_out:
        over = case.gave_up_at if case.resolved_at is None else case.resolved_at
        if over is not None:
            yield Share(over, excluded(case.left_out))
    elif case.resolved_at is not None:
        lasting = lasted(case.begun_at, case.resolved_at)
        yield Share(case.resolved_at, unsettled() if case.unsettled else lasting)


def _backlog(case: Complaint) -> Iterator[Share]:
    """Steps of the open and overdue counts at the 5-minute snapshots where they change.

    A snapshot ends its window: what happens at its very instant belongs to the next one (C1).
    Left out is what is open all the same: of another kind, or waiting for its reporter (C9).  What
    ended is not open, however it ended.
    """
    if case.linked:
        return
    apart = case.stands_apart
    for opened, ended in case.paused_spans():
        yield from _steps(f"{EXCLUDED}{apart or 'paused'}", opened, ended)
    if apart:
        for opened, ended in case.open_spans():
            yield from _steps(f"{EXCLUDED}{apart}", opened, ended)
        return
    if case.unsettled:
        # Whether an objection opened it again, no calendar tells.
        yield from _steps(UNSETTLED, case.reopened[0], None)
    for opened, ended in case.open_spans():
        yield from _steps("o", opened, ended)
        due = case.due
        if due is not None and (ended is None or due.at < ended):
            # No calendar tells when it falls due: from the earliest such instant nobody knows.
            late = "v" if due.known else UNSETTLED
            yield from _steps(late, max(opened, due.at), ended)
        if case.complete_at is not None:
            capped = max(opened, case.complete_at + LEGAL_CAP)
            if ended is None or capped < ended:
                yield from _steps("c", capped, ended)


def _steps(name: str, since: int, until: int | None) -> Iterator[Share]:
    """From the first snapshot after `since` on, up to the last one at or before `until`."""
    at, counter = step(name, since + 1)
    yield Share(at, {counter: 1})
    if until is not None:
        at, counter = step(name, until + 1)
        yield Share(at, {counter: -1})


def _overdue(counters: Mapping[str, int], _end: int) -> Reading:
    """Overdue and open cases at the snapshot."""
    overdue, opened = counters.get("v", 0), counters.get("o", 0)
    return Reading(overdue, opened, percent(overdue, opened))


resolution_on_time = Kpi(
    id="complaint_resolution_on_time_pct",
    title_en="Complaints resolved within national limit",
    title_id="Pengaduan selesai dalam batas waktu nasional",
    principle="Akuntabilitas",
    dimension="Smart Governance",
    relation="G2C",
    stage="Interactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(80),
    formula="100 x cases resolved by their due instant / cases due in the window",
    legal_basis="5/14/60 working days: KemenPANRB 2018, SIPPN; Perpres 76/2013 (60 days)",
    basis_status="figures verified (secondary); articles unverified",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "opd", "kecamatan", "channel"),
    base="1d",
    windows=("1d", "28d", "month", "quarter"),
    shares=_national,
    of_copy="excluded",
    lateness=case_lateness(),
    reopens=True,
)

sikesal_on_time = Kpi(
    id="sikesal_local_sla_on_time_pct",
    title_en="Sikesal local promise kept (24/48/72 h)",
    title_id="Kepatuhan janji layanan Sikesal 24/48/72 jam",
    principle="Pelayanan prima",
    dimension="Smart Living",
    relation="G2C",
    stage="Transactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(90),
    amber=Decimal(75),
    formula="100 x Sikesal cases resolved within 24/48/72 h / cases whose promise fell due",
    legal_basis="Promise of Diskominfo Kota Jambi 2018; mapping to categories is a project choice",
    basis_status="verified (promise); mapping unverified",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "opd", "category", "kelurahan"),
    base="1h",
    windows=("1h", "1d", "7d", "28d"),
    shares=_sikesal,
    of_copy="excluded",
    lateness=case_lateness(),
    reopens=True,
    companions=(
        Companion(
            "long_cycle",
            "cases that need capital works",
            "kasus yang perlu pekerjaan modal",
            count(LONG_CYCLE),
        ),
        Companion(
            "long_cycle_on_time_pct",
            "of these, share resolved within the promise",
            "bagiannya yang selesai dalam janji",
            share("long:n", LONG_CYCLE),
        ),
    ),
)

resolution_hours_p90 = Kpi(
    id="complaint_resolution_hours_p90",
    title_en="Time to resolve, 90th percentile",
    title_id="Lama penyelesaian pengaduan, persentil 90",
    principle="Efisiensi & efektivitas",
    dimension="Smart Governance",
    relation="G2C",
    stage="Interactive",
    unit="hours",
    higher_is_better=False,
    green=None,
    amber=None,
    formula="nearest-rank P90 of time to resolve (numerator: seconds; denominator: cases)",
    legal_basis="No legal value; method: NYC Charter 1075, FixMyStreet",
    basis_status="method verified; no legal target",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "opd", "category", "channel"),
    base="1d",
    windows=("1d", "28d", "quarter"),
    shares=_durations,
    measure=p90(hours),
    carries=OPEN,
    companions=(
        Companion("p50_hours", "median", "median", median(hours)),
        Companion(
            "km_p50_hours",
            "median by Kaplan-Meier, with the cases that are still open",
            "median Kaplan-Meier, termasuk kasus yang masih terbuka",
            half_solved(hours),
        ),
    ),
    lateness=case_lateness(),
    reopens=True,
    version=2,
)

overdue_backlog = Kpi(
    id="complaint_overdue_backlog_pct",
    title_en="Open cases past due",
    title_id="Tunggakan pengaduan melewati batas waktu",
    principle="Efisiensi & efektivitas",
    dimension="Smart Governance",
    relation="G2C",
    stage="Interactive",
    unit="percent",
    higher_is_better=False,
    green=Decimal(5),
    amber=Decimal(15),
    formula="100 x open cases past due / open cases, at the window's end",
    legal_basis="60-day cap: Perpres 76/2013",
    basis_status="cap verified",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "opd", "kecamatan"),
    base="1d",
    windows=("5min", "1d"),
    shares=_backlog,
    of_copy="nothing",
    measure=_overdue,
    cumulative=True,
    lateness=case_lateness(),
    reopens=True,
    companions=(
        Companion(
            "legal_cap_breach",
            "cases open more than 60 calendar days after they were complete; must be 0",
            "kasus terbuka lebih dari 60 hari kalender sejak lengkap; harus 0",
            count("c"),
            watch=0,
        ),
    ),
    version=2,
)
