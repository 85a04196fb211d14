"""KPI of notices about failures to protect personal data (catalogue 23)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.breaches import BREACH, Breach
from core.cells import Share, on_time
from core.kpi import Kpi
from core.moment import HOUR


def _told(breach: Breach) -> Iterator[Share]:
    """Due cohort (C2b) of the 72 hours; a breach that nobody was told of is late."""
    told = breach.told_at
    yield Share(breach.due_at, on_time(told is not None and told <= breach.due_at))


notice_on_time = Kpi(
    id="privacy_breach_notice_on_time_pct",
    title_en="Personal-data breaches notified in 3×24 h",
    title_id="Pemberitahuan kegagalan pelindungan data ≤3×24 jam",
    principle="Supremasi hukum",
    dimension="Smart Governance",
    relation="G2C",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(100),
    amber=None,
    formula="100 x breaches with notice to subjects and authority in 72 h / breaches due",
    legal_basis="UU 27/2022 art. 46(1): written notice within 3×24 hours to both",
    basis_status="verified (72 h)",
    subject=BREACH,
    reads=("privacy.breach_detected", "privacy.notice_sent"),
    sources=("dpo_log",),
    scopes=("city", "channel"),
    base="1d",
    windows=("1d", "90d", "year"),
    shares=_told,
    lateness=24 * HOUR,
    reopens=True,
)
