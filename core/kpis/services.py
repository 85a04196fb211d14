"""KPIs of public services (catalogue 6.B)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import Share, excluded, on_time
from core.kpi import Kpi, Subject
from core.moment import HOUR
from core.requests import Request


def _decided(request: Request) -> Iterator[Share]:
    """Due cohort; a refusal with a reason counts as decided."""
    if request.due_at is None:
        return
    if request.withdrawn:
        yield Share(request.due_at, excluded("withdrawn"))
    else:
        decided = request.decided_at
        yield Share(request.due_at, on_time(decided is not None and decided <= request.due_at))


sipaten_on_time = Kpi(
    id="sipaten_on_time_pct",
    title_en="Kecamatan/kelurahan services within standard",
    title_id="Layanan Sipaten tepat waktu sesuai standar pelayanan",
    principle="Pelayanan prima",
    dimension="Smart Governance",
    relation="G2C",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(80),
    formula="100 x requests decided by their due instant / requests due in the window",
    legal_basis="UU 25/2009 (standards); UU 30/2014 art. 53(2) as amended: 5 working days",
    subject=Subject.REQUEST,
    reads=(
        "service.completeness_decided",
        "service.decided",
        "service.requested",
        "service.withdrawn",
    ),
    sources=("sipaten",),
    scopes=("city", "kecamatan", "kelurahan"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_decided,
    lateness=24 * HOUR,
    reopens=True,
)
