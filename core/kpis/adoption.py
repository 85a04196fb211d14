"""Which kelurahan work with Sipaten (catalogue 6.B, KPI 12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.cells import Share
from core.kelurahan import count_at
from core.kpi import Kpi, Reading, percent
from core.law import Stand
from core.moment import HOUR
from core.requests import REQUEST, Request
from core.sessions import OFFICER, OfficerSession
from core.tables import AdminAreaTable

LEAST_COMPLETED = 10
"""Completed requests that make a kelurahan active (project choice of the catalogue)."""
_DONE, _SEEN = "done:", "seen:"


def _completed(request: Request) -> Iterator[Share]:
    """On the day of completion, at the kelurahan."""
    if request.completed_at is not None and request.app == "sipaten":
        yield Share(request.completed_at, {_DONE + request.kelurahan: 1})


def _seen(session: OfficerSession) -> Iterator[Share]:
    """An officer was there; who it was is not kept."""
    if session.event.text("officer_key"):
        kelurahan = session.event.text("kelurahan_code")
        yield Share(session.event.occurred_at, {_SEEN + kelurahan: 1})


def _active(counters: Mapping[str, int], end: int, stand: Stand) -> Reading:
    """Kelurahan with enough completed requests and an officer at work, of all.

    Where not one officer was seen in the whole city nobody tells of them: that is no zero.
    """
    areas = stand.read(AdminAreaTable)
    active = sum(
        counters.get(_DONE + code, 0) >= LEAST_COMPLETED and counters.get(_SEEN + code, 0) > 0
        for code in areas.kelurahan
    )
    all_of_them = count_at(end, areas)
    told = any(name.startswith(_SEEN) for name in counters)
    value = percent(active, all_of_them) if told else None
    return Reading(active, all_of_them, value, cases=sum(counters.values()))


active_kelurahan = Kpi(
    id="sipaten_active_kelurahan_pct",
    title_en="Kelurahan actually using Sipaten",
    title_id="Kelurahan aktif menggunakan Sipaten",
    principle="Profesionalitas",
    dimension="Smart Governance",
    relation="G2G",
    stage="Transactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(75),
    formula="100 x kelurahan with 10 completed requests and an officer at work / kelurahan",
    legal_basis="Evaluation of Sipadek and Sipaten by mayor and Diskominfo (25 of 62 in 2022)",
    basis_status="baseline verified; 10 is a project choice",
    subject=REQUEST,
    also=((OFFICER, _seen),),
    reads=("officer.session", "service.completed", "service.requested"),
    sources=("sipaten",),
    scopes=("city",),
    base="1d",
    windows=("28d", "month"),
    shares=_completed,
    measure_by=_active,
    lateness=24 * HOUR,
    reopens=True,
)
