"""KPIs of the city's environment (catalogue 5)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import Share, excluded, on_time, unsettled
from core.complaints import COMPLAINT, LIFECYCLE, Complaint
from core.kpi import Kpi, case_lateness
from core.matter_tables import UtilityTable
from core.moment import HOUR


def _within_a_day(case: Complaint) -> Iterator[Share]:
    """Waste, street light and water: 24 hours by the wall clock from submission."""
    limits = case.law.at(case.closed_at).read(UtilityTable).hours
    if case.category not in limits:
        return
    due = case.submitted_at + limits[case.category] * HOUR
    reason = case.left_out or ("paused" if case.complete_at is None else None)
    solved = case.resolved_at
    judged = on_time(solved is not None and solved <= due)
    if case.unsettled:
        judged = unsettled()
    yield Share(due, excluded(reason) if reason else judged)


utility_24h = Kpi(
    id="env_utility_24h_resolution_pct",
    title_en="Waste, street-light and water cases solved in 24 h",
    title_id="Aduan sampah, lampu jalan, air selesai 1×24 jam",
    principle="Efisiensi & efektivitas",
    dimension="Smart Environment",
    relation="G2C",
    stage="Transactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(80),
    amber=Decimal(60),
    formula="100 x cases of waste, street light, water solved within 24 h / those whose 24 h ended",
    legal_basis="Diskominfo Kota Jambi: followed up within 1x24 hours, read here as resolution",
    basis_status="verified (24 h statement)",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "category", "kecamatan", "opd"),
    base="1d",
    windows=("1d", "7d", "month"),
    shares=_within_a_day,
    lateness=case_lateness(),
    reopens=True,
)
