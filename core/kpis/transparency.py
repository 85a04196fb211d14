"""KPIs of transparency and accountability (catalogue 6.C)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from core.audits import AUDIT, Audit
from core.cells import DENOMINATOR, NUMERATOR, Share
from core.kpi import ROWS, Kpi, case_lateness
from core.moment import HOUR


def _made_from_rows(_subject: object) -> Iterable[Share]:
    """The publication writes these cells itself, from the day rows of the other KPIs."""
    return ()


def _compared(run: Audit) -> Iterator[Share]:
    """Rows on the day of the run; a run that compared none adds nothing."""
    counts = {NUMERATOR: run.identical, DENOMINATOR: run.compared}
    counters = {name: count for name, count in counts.items() if count}
    if counters:
        yield Share(run.at, counters)


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

reproducibility = Kpi(
    id="replay_reproducibility_pct",
    title_en="Published KPI values reproduced by replay",
    title_id="Keterulangan nilai KPI dari riwayat peristiwa",
    principle="Akuntabilitas",
    dimension="Smart Governance",
    relation="G2G",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(100),
    amber=Decimal("99.9"),
    formula="100 x final rows that a replay gives again, bit for bit / final rows compared",
    legal_basis="No legal figure; accountability (proposal, line 152)",
    basis_status="no legal figure",
    subject=AUDIT,
    reads=("audit.replayed",),
    sources=("audit",),
    scopes=("city", "category"),
    base="1d",
    windows=("1d", "month"),
    shares=_compared,
    lateness=24 * HOUR,
)
