"""KPIs of public information (catalogue 6.C)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import DENOMINATOR, Share, add, on_time
from core.companion import Companion, count, mean_hours, names
from core.information import INFORMATION, LIFE, InfoRequest
from core.kpi import Kpi
from core.moment import HOUR, SECOND

OUTCOMES = {"granted": "dikabulkan", "partly": "dikabulkan sebagian", "denied": "ditolak"}
"""What UU 14/2008 article 12 wants published: number, time, granted and refused, reasons."""


def _answered(request: InfoRequest) -> Iterator[Share]:
    """Due cohort of the tenth, or lawfully extended the seventeenth, working day."""
    counters = on_time(request.on_time)
    if request.answer is not None:
        took = request.answer.occurred_at - request.received.occurred_at
        add(counters, {"answered": 1, "seconds": took // SECOND})
        outcome = request.answer.text("outcome")
        add(counters, {f"by:{outcome}": 1} if outcome in OUTCOMES else {})
        if outcome == "denied":
            add(counters, {f"why:{request.answer.text('reason_code') or 'no reason'}": 1})
    yield request.due.share(counters)


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
    companions=(
        Companion("requests", "requests", "permohonan", count(DENOMINATOR)),
        Companion("answered", "answered", "dijawab", count("answered")),
        Companion(
            "mean_hours",
            "mean time to the answer, hours",
            "rata-rata waktu jawab, jam",
            mean_hours("seconds", "answered"),
        ),
        *(
            Companion(name, f"answered: {name}", f"jawaban: {local}", count(f"by:{name}"))
            for name, local in OUTCOMES.items()
        ),
        Companion(
            "reasons",
            "reason codes of denials, with their number",
            "kode alasan penolakan dan jumlahnya",
            names("why:"),
            words=True,
        ),
    ),
    lateness=24 * HOUR,
    reopens=True,
)
