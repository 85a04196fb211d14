"""KPI of the operators' answers to alerts (catalogue 26)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import Share, add, excluded
from core.companion import Companion, count
from core.kpi import Kpi, seconds
from core.moment import HOUR
from core.percentile import apart, lasted, median, p90, p90_of
from core.storms import SHIFTS, STORM, Storm

UNANSWERED = "by:unanswered"


def _answered(storm: Storm) -> Iterator[Share]:
    """Once, when its 30 minutes are over: before that it may still be answered."""
    if storm.left_out:
        yield Share(storm.settled_at, excluded(storm.left_out))
    else:
        counters = lasted(storm.raised_at, storm.answered_at)
        add(counters, apart(storm.shift, counters))
        add(counters, {} if storm.answered else {UNANSWERED: 1})
        yield Share(storm.settled_at, counters)


acknowledgement_p90 = Kpi(
    id="alert_ack_seconds_p90",
    title_en="Operator acknowledgement time, P90",
    title_id="Waktu tanggap operator JCOC, P90",
    principle="Profesionalitas",
    dimension="Smart Mobility",
    relation="G2E",
    stage="Interactive",
    unit="seconds",
    higher_is_better=False,
    green=Decimal(120),
    amber=Decimal(300),
    formula="nearest-rank P90 of seconds to acknowledgement, 1800 at most, of severe alerts;"
    " those within 60 s and 150 m of a first one count as one with it",
    legal_basis="No Indonesian figure; compare Boston 311 (30 s) and NYC wait times",
    basis_status="benchmarks verified; target project",
    subject=STORM,
    reads=("alert.acknowledged", "alert.raised", "alert.resolved"),
    sources=("operator_console",),
    scopes=("city", "category"),
    base="1h",
    windows=("1h", "1d", "28d"),
    shares=_answered,
    measure=p90(seconds),
    companions=(
        Companion("p50_seconds", "median", "median", median(seconds)),
        Companion(
            "unanswered",
            "alerts that nobody took on in 30 minutes",
            "peringatan yang tidak ditanggapi dalam 30 menit",
            count(UNANSWERED),
        ),
        *(
            Companion(
                f"p90_{shift}_seconds",
                f"P90 of the {shift} shift ({hours} WIB), of five alerts or more",
                f"P90 regu {regu} ({hours} WIB), dari lima peringatan atau lebih",
                p90_of(shift, seconds),
            )
            for shift, regu, hours in zip(
                SHIFTS, ("malam", "siang", "sore"), ("00-08", "08-16", "16-24"), strict=True
            )
        ),
    ),
    lateness=24 * HOUR,
)
