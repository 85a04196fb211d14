"""KPIs that hold complaints about services against the records of these services (catalogue 32)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from core import reference
from core.cells import Share, excluded, on_time
from core.companion import Companion, count
from core.complaints import LIFECYCLE
from core.grievances import EXTRA_FEE, GRIEVANCE, Compared
from core.kpi import Kpi, case_lateness


def _mismatched(compared: Compared) -> Iterator[Share]:
    """Every claim but that of an extra fee."""
    if compared.grievance.claim != EXTRA_FEE:
        yield _share(compared)


def _overcharged(compared: Compared) -> Iterator[Share]:
    """Claims of an extra fee: a levy outside the law is in no record, so they prove little."""
    if compared.grievance.claim == EXTRA_FEE:
        yield _share(compared)


def _share(compared: Compared) -> Share:
    """One complaint, on the day on which it was made; claim and direction are counters."""
    filed_at = compared.grievance.filed_at
    if compared.left_out is not None:
        return Share(filed_at, excluded(compared.left_out))
    mismatch = compared.finding != "agree"
    claim = {f"of:{compared.grievance.claim}": 1}
    kinds = {f"by:{compared.grievance.claim}": 1, f"to:{compared.finding}": 1} if mismatch else {}
    return Share(filed_at, on_time(mismatch) | claim | kinds)


record_mismatch = Kpi(
    id="tri_record_mismatch_pct",
    title_en="Complaints at odds with service records",
    title_id="Ketidaksesuaian aduan dengan catatan layanan",
    principle="Transparansi",
    dimension="Smart Governance",
    relation="G2C/G2B",
    stage="Transformative",
    unit="percent",
    higher_is_better=False,
    green=Decimal(10),
    amber=Decimal(25),
    formula="100 x complaints about a service (late, not delivered, extra requirement) that the "
    "record of that time contradicts / those with a record",
    legal_basis="UU 25/2009: grounds of complaint; founding proposal, comparison e (interview "
    "against document)",
    basis_status="grounds verified; parameters project",
    subject=GRIEVANCE,
    reads=(
        "service.completed", "service.completeness_decided", "service.decided",
        "service.fee_charged", "service.record_amended", "service.requested", "service.withdrawn",
        *LIFECYCLE,
    ),
    sources=("sikesal", "sipaten"),
    scopes=("city", "category", "kecamatan"),
    base="1d",
    windows=("90d", "quarter"),
    shares=_mismatched,
    companions=(
        Companion("late", "said late, on record not", "klaim terlambat", count("by:late")),
        Companion(
            "not_delivered", "said not delivered, on record it was", "klaim tidak diserahkan",
            count("by:not_delivered"),
        ),
        Companion(
            "extra_requirement", "said of more documents, on record none", "klaim syarat tambahan",
            count("by:extra_requirement"),
        ),
    ),
    lateness=case_lateness() + reference.LINKED_WITHIN,
    reopens=True,
    sampled=20,
)  # fmt: skip

fee_mismatch = replace(
    record_mismatch,
    id="tri_fee_mismatch_pct",
    title_en="Complaints of an extra fee at odds with the fees on record",
    title_id="Ketidaksesuaian aduan pungutan dengan biaya tercatat",
    higher_is_better=None,
    green=None,
    amber=None,
    in_catalogue=False,
    formula="100 x complaints of an extra fee that the fees on record contradict / those with a "
    "record",
    shares=_overcharged,
    companions=(
        Companion(
            "claim_worse", "said of more than is on record", "aduan lebih buruk",
            count("to:claim_worse"),
        ),
        Companion(
            "record_worse", "said of less than is on record", "catatan lebih buruk",
            count("to:record_worse"),
        ),
    ),
)  # fmt: skip
