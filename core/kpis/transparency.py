"""KPIs of transparency and accountability (catalogue 6.C)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from core.cells import Share
from core.kpi import ROWS, Kpi, case_lateness


def _made_from_rows(_subject: object) -> Iterable[Share]:
    """The publication writes these cells itself, from the day rows of the other KPIs."""
    return ()


evidence_completeness = Kpi(
    id="kpi_evidence_completeness_pct",
    title_en="KPI cells backed by complete data",
    title_id="Kelengkapan bukti kinerja",
    principle="Akuntabilitas",
    dimension="Smart Governance",
    relation="G2G",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(90),
    amber=Decimal(75),
    formula="100 x (KPI, day) cells with a sound status and every source alive / cells expected",
    legal_basis="PermenPANRB 88/2021 (measurement is 30 % of SAKIP); the ratio is ours",
    basis_status="weights verified; ratio is ours",
    subject=ROWS,
    reads=("source.heartbeat",),
    sources=(),
    scopes=("city",),
    base="1d",
    windows=("1d", "month", "quarter"),
    shares=_made_from_rows,
    lateness=case_lateness(),
    reopens=True,
)
