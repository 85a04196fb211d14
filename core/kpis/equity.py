"""KPIs of equal treatment (catalogue 6.E)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core import equity
from core.cells import Share, excluded, unsettled
from core.complaints import COMPLAINT, LIFECYCLE, Complaint
from core.kpi import Kpi, Reading, case_lateness, percent
from core.registers import UNKNOWN


def _handled(case: Complaint) -> Iterator[Share]:
    """The verdict of the national limit (KPI 3), by kecamatan and category."""
    due = case.due
    if case.left_out or due is None:
        return  # counted as left out by KPI 3
    if case.scopes["kecamatan"] in {"unlocated", UNKNOWN}:
        yield due.share(excluded("unlocated"))
        return
    good = case.resolved_at is not None and case.resolved_at <= due.at
    counted = equity.of_case(case.scopes["kecamatan"], case.category, good=good)
    yield due.share(unsettled() if case.unsettled else counted)


def _gap(counters: Mapping[str, int], _end: int) -> Reading:
    """Hundredths of a percentage point, and the kecamatan that were compared."""
    share, places, cases = equity.gap(counters)
    if share is None:
        return Reading(0, places, None, cases)
    value = percent(share.numerator, share.denominator) or ""
    return Reading(int(value.replace(".", "")), places, value, cases)


equity_gap = Kpi(
    id="service_equity_gap_pp",
    title_en="Territorial equity gap in on-time handling",
    title_id="Kesenjangan ketepatan layanan antar-kecamatan",
    principle="Supremasi hukum",
    dimension="Smart Living",
    relation="G2C",
    stage="Transformative",
    unit="points",
    higher_is_better=False,
    green=Decimal(10),
    amber=Decimal(20),
    formula="largest - smallest on-time share (KPI 3) of kecamatan with 20 or more cases, "
    "standardised to the city's categories (numerator: 0.01 points; denominator: kecamatan)",
    legal_basis="UU 25/2009 art. 4: equal rights, non-discrimination",
    basis_status="principle only",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city",),
    base="1d",
    windows=("90d", "quarter"),
    shares=_handled,
    of_copy="nothing",
    measure=_gap,
    lateness=case_lateness(),
    reopens=True,
)
