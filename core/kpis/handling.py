"""KPIs of how complaints are handled on their way (catalogue 1, 2, 8, 9 and 16)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import Share, add, excluded, on_time, unsettled
from core.companion import Companion
from core.complaints import COMPLAINT, LIFECYCLE, Complaint
from core.handling import (
    UNSCREENED_CHANNELS,
    handlers,
    hops,
    objected,
    objection_ends,
    responded_at,
    response_due,
    screened_at,
    screening_due,
    traceable,
)
from core.kpi import Kpi, case_lateness, hours
from core.percentile import lasted, median


def _screened(case: Complaint) -> Iterator[Share]:
    """Due cohort of the third working day; a refusal is a decision, a withdrawal is not."""
    due = screening_due(case)
    withdrawn = case.first_at("complaint.withdrawn")
    reason = case.stands_apart
    if reason is None and withdrawn is not None and withdrawn <= due.at:
        reason = "withdrawn"
    if reason is None and case.submitted.source in UNSCREENED_CHANNELS:
        reason = "no_verification"
    screened = screened_at(case)
    on = screened is not None and screened <= due.at
    yield due.share(excluded(reason) if reason else on_time(on))


def _answered(case: Complaint) -> Iterator[Share]:
    """Due cohort of the fifth working day after the first forwarding, at the holder by then."""
    forwarded = case.first_at("complaint.forwarded")
    if forwarded is None:
        return
    due = response_due(case, forwarded)
    scopes = {"opd": case.named("opd", case.opd_at(due.at))}
    if case.left_out:
        yield due.share(excluded(case.left_out), scopes)
    else:
        answered = responded_at(case)
        yield due.share(on_time(answered is not None and answered <= due.at), scopes)


def _reopened(case: Complaint) -> Iterator[Share]:
    """Each resolved case once, when the objection period of its last resolution is over."""
    ends = objection_ends(case)
    if ends is not None:
        counted = unsettled() if case.unsettled else on_time(objected(case))
        yield ends.share(excluded(case.left_out) if case.left_out else counted)


def _misrouted(case: Complaint) -> Iterator[Share]:
    """Each assigned case once, on the day and at the agency of its first assignment."""
    assigned = case.first_at("complaint.assigned")
    names = handlers(case)
    if assigned is None or not names:
        return
    scopes = {"opd": case.named("opd", names[0])}
    if case.left_out:
        yield Share(assigned, excluded(case.left_out), scopes)
    else:
        counters = on_time(len(names) > 1)
        for since, until in hops(case) if len(names) > 1 else ():
            add(counters, lasted(since, until))
        yield Share(assigned, counters, scopes)


def _traced(case: Complaint) -> Iterator[Share]:
    """Each closed case once, on the day of its closing; secret reports are counted as left out."""
    closed = case.first_at("complaint.closed")
    if closed is None:
        return
    reason = case.stands_apart
    yield Share(closed, excluded(reason) if reason else on_time(traceable(case)))


verification_on_time = Kpi(
    id="complaint_verification_on_time_pct",
    title_en="Complaints verified and forwarded on time",
    title_id="Pengaduan terverifikasi dan diteruskan tepat waktu",
    principle="Profesionalitas",
    dimension="Smart Governance",
    relation="G2C",
    stage="Interactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(80),
    formula="100 x cases screened by the third working day / cases whose third working day ended",
    legal_basis="SP4N-LAPOR!: forwarded within 3 working days (PermenPANRB 62/2018)",
    basis_status="verified (limit)",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "channel", "kecamatan"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_screened,
    of_copy="excluded",
    lateness=case_lateness(),
    reopens=True,
)

first_response_on_time = Kpi(
    id="complaint_first_response_on_time_pct",
    title_en="First substantive OPD response on time",
    title_id="Tanggapan pertama OPD tepat waktu",
    principle="Pelayanan prima",
    dimension="Smart Governance",
    relation="G2C",
    stage="Interactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(80),
    formula="100 x cases answered by the fifth working day after forwarding / cases due",
    legal_basis="SP4N-LAPOR!: agency follow-up within 5 working days",
    basis_status="verified (limit)",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "opd", "channel"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_answered,
    of_copy="excluded",
    lateness=case_lateness(),
    reopens=True,
)

reopened = Kpi(
    id="complaint_reopen_pct",
    title_en="Reopened after resolution",
    title_id="Pengaduan dibuka kembali",
    principle="Efisiensi & efektivitas",
    dimension="Smart Governance",
    relation="G2C",
    stage="Interactive",
    unit="percent",
    higher_is_better=False,
    green=Decimal(5),
    amber=Decimal(10),
    formula="100 x cases reopened within 10 working days / cases whose objection period ended",
    legal_basis="SP4N-LAPOR!: finished after 10 working days without an objection",
    basis_status="verified (10 wd)",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "opd", "category"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_reopened,
    of_copy="excluded",
    lateness=case_lateness(),
    reopens=True,
)

misrouted = Kpi(
    id="complaint_misrouting_pct",
    title_en="Cases passed on between OPDs",
    title_id="Salah disposisi antar-OPD",
    principle="Profesionalitas",
    dimension="Smart Governance",
    relation="G2G",
    stage="Transformative",
    unit="percent",
    higher_is_better=False,
    green=Decimal(10),
    amber=Decimal(20),
    formula="100 x cases assigned to two or more agencies before resolution / cases first assigned",
    legal_basis="No legal figure; stages of Perpres 76/2013",
    basis_status="no legal figure",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "opd", "category"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_misrouted,
    of_copy="excluded",
    companions=(
        Companion(
            "hop_p50_hours",
            "median time until the next agency is assigned",
            "median waktu sampai OPD berikutnya ditugasi",
            median(hours),
        ),
    ),
    lateness=case_lateness(),
    reopens=True,
)

public_trace = Kpi(
    id="complaint_public_trace_pct",
    title_en="Complaints publicly traceable end to end",
    title_id="Pengaduan dapat dilacak publik",
    principle="Transparansi",
    dimension="Smart Governance",
    relation="G2C",
    stage="Interactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(85),
    formula="100 x cases with a tracking id in 5 minutes and each step told in 24 h / cases closed",
    legal_basis="SP4N-LAPOR!: publication, notice and Tracking ID; Perpres 76/2013: open to all",
    basis_status="practice verified; numbers project",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "channel", "opd"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_traced,
    of_copy="excluded",
    lateness=case_lateness(),
    reopens=True,
)
