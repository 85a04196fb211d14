"""The satisfaction index (catalogue 6.B, KPI 14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.cells import DENOMINATOR, Share, excluded
from core.companion import Companion, count
from core.kpi import Kpi, Reading, decimal_text
from core.moment import DAY
from core.satisfaction import (
    SURVEY,
    Response,
    by_the_sheet,
    graded,
    of_response,
    satisfaction,
)


def _said(response: Response) -> Iterator[Share]:
    """On the day of the response that counts."""
    scores = response.scores
    added = excluded("incomplete") if scores is None else of_response(scores)
    yield Share(response.event.occurred_at, added)


def _index(counters: Mapping[str, int], _end: int) -> Reading:
    """Sum of the scores, and how many scores."""
    found = satisfaction(counters)
    value = None if found.value is None else decimal_text(found.value)
    return Reading(found.total, found.scores, value, cases=found.responses)


ikm = Kpi(
    id="ikm_index",
    title_en="Public satisfaction index (SKM/IKM)",
    title_id="Indeks Kepuasan Masyarakat (SKM/IKM)",
    principle="Pelayanan prima",
    dimension="Smart Living",
    relation="G2C",
    stage="Transformative",
    unit="index",
    higher_is_better=True,
    green=Decimal("76.61"),
    amber=Decimal("65.00"),
    formula="25 x mean of the mean scores of the elements U1 to U9 that apply "
    "(numerator: sum of the scores; denominator: scores)",
    legal_basis="PermenPANRB 14/2017: nine elements, x 25; A from 88.31, B 76.61, C 65.00",
    basis_status="verified (secondary copy)",
    subject=SURVEY,
    reads=("survey.response",),
    sources=("survey",),
    scopes=("city", "opd", "category", "kecamatan"),
    base="1d",
    windows=("1d", "90d", "quarter"),
    shares=_said,
    measure=_index,
    lateness=7 * DAY,
    companions=(
        Companion(
            "sheet_index",
            "index with the weight 0.11 of the regulator's sheet",
            "indeks dengan bobot 0,11 menurut lembar isian",
            by_the_sheet,
        ),
        Companion("responses", "valid responses", "tanggapan sah", count(DENOMINATOR)),
        Companion(
            "grade",
            "grade A to D, `indicative` below 30 responses",
            "mutu A sampai D, `indicative` di bawah 30 tanggapan",
            graded,
            words=True,
        ),
    ),
)
