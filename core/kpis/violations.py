"""KPI of camera-recorded traffic violations (catalogue 22, its stage forward)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import Share, on_time
from core.kpi import Kpi
from core.moment import HOUR
from core.violations import VIOLATION, Violation


def _followed(violation: Violation) -> Iterator[Share]:
    """Cohort of the day of validation, as the catalogue says; forwarding may still come."""
    yield Share(violation.validated.occurred_at, on_time(violation.forwarded_in_time))


etle_followup = Kpi(
    id="etle_followup_pct",
    title_en="Validated camera violations followed up",
    title_id="Tindak lanjut pelanggaran lalu lintas terekam kamera",
    principle="Supremasi hukum",
    dimension="Smart Mobility",
    relation="G2G",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=None,
    formula="100 x violations forwarded within 24 h of validation / violations validated",
    legal_basis="Practice of JCOC and Satlantas (E-TLE); UU 22/2009 and PP 80/2012 from memory",
    basis_status="baseline verified; law unverified",
    subject=VIOLATION,
    reads=("violation.forwarded", "violation.validated"),
    sources=("operator_console",),
    scopes=("city", "intersection", "category"),
    base="1d",
    windows=("1d", "7d", "28d"),
    shares=_followed,
    lateness=24 * HOUR,
    reopens=True,
)
