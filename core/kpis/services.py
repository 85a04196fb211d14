"""KPIs of public services (catalogue 6.B)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.calendar import Due
from core.cells import Share, excluded, on_time
from core.kpi import Kpi
from core.moment import HOUR
from core.requests import REQUEST, Request


def _decided(request: Request) -> Iterator[Share]:
    """Due cohort; a refusal with a reason counts as decided."""
    if request.due is not None and request.app == "sipaten":
        yield _due(request, request.due)


def _licensed(request: Request) -> Iterator[Share]:
    """Due cohort of businesses; what lapsed into being granted was not decided in time."""
    if request.due is not None and request.subject_type == "business":
        yield _due(request, request.due, lapsed=request.auto_granted)


def _due(request: Request, due: Due, *, lapsed: bool = False) -> Share:
    if request.withdrawn:
        return due.share(excluded("withdrawn"))
    decided = request.decided_at
    return due.share(on_time(decided is not None and decided <= due.at and not lapsed))


def _digital(request: Request) -> Iterator[Share]:
    """Completed requests of letters that can be had online; a visit or help makes them not so."""
    if request.completed_at is not None and request.digitisable:
        online = request.channel == "app" and request.delivery == "online"
        yield Share(request.completed_at, on_time(online and not request.visited))


LIFE = (
    "service.completed",
    "service.completeness_decided",
    "service.counter_visit",
    "service.decided",
    "service.requested",
    "service.withdrawn",
)
"""Every event type that a KPI of services may look at."""


sipaten_on_time = Kpi(
    id="sipaten_on_time_pct",
    title_en="Kecamatan/kelurahan services within standard",
    title_id="Layanan Sipaten tepat waktu sesuai standar pelayanan",
    principle="Pelayanan prima",
    dimension="Smart Governance",
    relation="G2C",
    stage="Transactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(80),
    formula="100 x requests decided by their due instant / requests due in the window",
    legal_basis="UU 25/2009 (standards); UU 30/2014 art. 53(2) as amended: 5 working days",
    basis_status="fallback verified",
    subject=REQUEST,
    reads=LIFE,
    sources=("sipaten",),
    scopes=("city", "kecamatan", "kelurahan"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_decided,
    lateness=24 * HOUR,
    reopens=True,
)

business_permits_on_time = Kpi(
    id="business_permit_on_time_pct",
    title_en="Business licensing decided on time",
    title_id="Perizinan usaha tepat waktu",
    principle="Pelayanan prima",
    dimension="Smart Economy",
    relation="G2B",
    stage="Transactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(80),
    formula="100 x business requests decided, not lapsed, by their due instant / those due",
    legal_basis="UU 30/2014 art. 53(2),(4) as amended: 5 working days, silence is a grant",
    basis_status="fallback verified",
    subject=REQUEST,
    reads=LIFE,
    sources=("sipaten",),
    scopes=("city", "category"),
    base="1d",
    windows=("1d", "28d", "quarter"),
    shares=_licensed,
    lateness=24 * HOUR,
    reopens=True,
)

end_to_end_digital = Kpi(
    id="service_end_to_end_digital_pct",
    title_en="Services completed fully online",
    title_id="Layanan tuntas daring ujung-ke-ujung",
    principle="Efisiensi & efektivitas",
    dimension="Smart Governance",
    relation="G2C",
    stage="Transactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(80),
    amber=Decimal(50),
    formula="100 x requests made, handled and delivered online / completed digitisable requests",
    legal_basis="Perpres 95/2018 (SPBE); U4SSC EC:ICT:PS:2A, turned into a share of requests",
    basis_status="concept verified",
    subject=REQUEST,
    reads=LIFE,
    sources=("sipaten",),
    scopes=("city", "channel", "kecamatan"),
    base="1d",
    windows=("1d", "28d", "quarter"),
    shares=_digital,
    lateness=24 * HOUR,
    reopens=True,
)
