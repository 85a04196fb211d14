"""KPIs of triangulation (catalogue 6.G)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import Share, excluded, on_time
from core.closures import CLOSURE, Closure
from core.companion import Companion, count
from core.complaints import LIFECYCLE
from core.kpi import Kpi, case_lateness
from core.triangulation import INCIDENT, Incident


def _corroborated(incident: Incident) -> Iterator[Share]:
    """One incident of a monitored place, on the day of its first claim."""
    yield Share(incident.at, on_time(incident.corroborated))


def _contradicted(closure: Closure) -> Iterator[Share]:
    """Each resolved case once, when the 7 days after its last resolution are over.

    Several contradictions are one; their kinds are counters of their own.
    """
    reason = closure.report.left_out or (None if closure.report.place else "unlocated")
    if reason is not None:
        yield Share(closure.ends, excluded(reason))
        return
    kinds = {f"by:{kind}": 1 for kind in closure.contradicted_by}
    yield Share(closure.ends, on_time(bool(kinds)) | kinds)


corroborated_incidents = Kpi(
    id="tri_corroborated_incident_pct",
    title_en="Incidents confirmed by two independent source families",
    title_id="Kejadian terkonfirmasi dua atau lebih sumber independen",
    principle="Demokrasi & partisipasi",
    dimension="Smart Governance",
    relation="G2C",
    stage="Transformative",
    unit="percent",
    higher_is_better=None,
    green=None,
    amber=None,
    formula="100 x incidents claimed by two or more families / incidents in monitored places",
    legal_basis="None: method of the founding proposal (triangulation); reach is a project choice",
    basis_status="method; parameters project",
    subject=INCIDENT,
    reads=("cctv.detected", "field.observed", "ref.camera", *LIFECYCLE),
    sources=("frigate", "sikesal"),
    scopes=("city", "category"),
    base="1d",
    windows=("1d", "7d", "28d"),
    shares=_corroborated,
    lateness=case_lateness(),
)

false_closures = Kpi(
    id="tri_false_closure_pct",
    title_en="'Resolved' claims contradicted by evidence",
    title_id="Klaim selesai yang terbantah",
    principle="Akuntabilitas",
    dimension="Smart Governance",
    relation="G2C",
    stage="Transformative",
    unit="percent",
    higher_is_better=False,
    green=Decimal(5),
    amber=Decimal(10),
    formula="100 x closures contradicted within 7 days / located closures whose 7 days ended",
    legal_basis="None: what is said in public and what is done (founding proposal, comparison b)",
    basis_status="practice verified; parameters project",
    subject=CLOSURE,
    reads=("cctv.detected", "ref.camera", *LIFECYCLE),
    sources=("frigate", "sikesal"),
    scopes=("city", "opd", "category"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_contradicted,
    companions=(
        Companion(
            "reopened", "contradicted by the reporter", "dibantah pelapor", count("by:reopened")
        ),
        Companion(
            "reported",
            "contradicted by somebody else's report",
            "dibantah laporan lain",
            count("by:reported"),
        ),
        Companion("seen", "contradicted by a camera", "dibantah kamera", count("by:seen")),
    ),
    lateness=case_lateness(),
    reopens=True,
)
