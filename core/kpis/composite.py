"""The composite of the catalogue's section 7: not one of its 32 KPIs, published like them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from core import reference
from core.cells import Share
from core.companion import Companion, elsewhere
from core.kpi import SCORE, Kpi, case_lateness


def _made_from_rows(_subject: object) -> Iterable[Share]:
    """The publication makes its rows of those of the other KPIs."""
    return ()


jcoc_score = Kpi(
    id="jcoc_score",
    title_en="Composite score: how far the KPIs reach their targets",
    title_id="Skor gabungan: seberapa jauh indikator mencapai sasaran",
    principle="Ketujuh asas",
    dimension="Smart Governance",
    relation="G2G",
    stage="Transformative",
    unit="index",
    higher_is_better=True,
    green=Decimal("1.00"),
    amber=Decimal("0.80"),
    formula="mean over the principles of the mean share of target (0 to 1.25) of their sound KPIs "
    "(numerator: 0.01; denominator: KPIs)",
    legal_basis="None: CityScore of Boston, corrected (catalogue section 7); targets are the green "
    "limits",
    basis_status="method verified; limits project",
    subject=SCORE,
    reads=(),
    sources=(),
    scopes=("city", "principle"),
    base="1d",
    windows=("28d", "month", "quarter"),
    shares=_made_from_rows,
    lateness=case_lateness() + reference.LINKED_WITHIN,  # as the last to be final: KPI 32
    reopens=True,
    in_catalogue=False,
    companions=(
        Companion(
            "coverage",
            "share of the expected KPIs that are sound",
            "bagian indikator yang sah",
            elsewhere,
        ),
        Companion("minimum", "smallest share of target", "bagian sasaran terkecil", elsewhere),
        Companion(
            "below_target",
            "KPIs below their target (details: which)",
            "indikator di bawah sasaran (rincian: yang mana)",
            elsewhere,
        ),
        Companion(
            "share:KPI", "share of target of each KPI", "bagian sasaran tiap indikator", elsewhere
        ),
        Companion(
            "weakest",
            "the KPI with the smallest share",
            "indikator terlemah",
            elsewhere,
            words=True,
        ),
        Companion(
            "reason", "why there is no score", "mengapa tidak ada skor", elsewhere, words=True
        ),
    ),
)
