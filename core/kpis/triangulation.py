"""KPIs of triangulation (catalogue 6.G)."""

from __future__ import annotations

from collections.abc import Iterator

from core.cells import Share, on_time
from core.complaints import LIFECYCLE
from core.kpi import Kpi, case_lateness
from core.triangulation import INCIDENT, Incident


def _corroborated(incident: Incident) -> Iterator[Share]:
    """One incident of a monitored place, on the day of its first claim."""
    yield Share(incident.at, on_time(incident.corroborated))


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
