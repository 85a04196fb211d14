"""KPIs of public information (catalogue 6.C)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import Share, on_time
from core.information import INFORMATION, LIFE, InfoRequest
from core.kpi import Kpi
from core.moment import HOUR


def _answered(request: InfoRequest) -> Iterator[Share]:
    """Due cohort of the tenth, or lawfully extended the seventeenth, working day."""
    yield request.due.share(on_time(request.on_time))


info_requests_on_time = Kpi(
    id="info_request_on_time_pct",
    title_en="Public-information requests answered on time",
    title_id="Permohonan informasi publik (PPID) tepat waktu",
    principle="Transparansi",
    dimension="Smart Governance",
    relation="G2C",
    stage="Interactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(80),
    formula="100 x requests lawfully answered by their due instant / requests due in the window",
    legal_basis="UU 14/2008 art. 22(7): 10 working days, 7 more with a reason; art. 12",
    basis_status="verified 10; 7 via derived rule",
    subject=INFORMATION,
    reads=LIFE,
    sources=("ppid",),
    scopes=("city", "opd", "category"),
    base="1d",
    windows=("1d", "90d", "quarter", "year"),
    shares=_answered,
    lateness=24 * HOUR,
    reopens=True,
)
