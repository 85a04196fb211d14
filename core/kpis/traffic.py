"""KPIs of traffic (catalogue 6.F)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.cells import DENOMINATOR, NUMERATOR, Share, excluded, on_time
from core.companion import Companion, count, rest, share
from core.kpi import Kpi, case_lateness
from core.signals import SIGNALS, Signals
from core.traffic import LATENESS, QUARTER, Quarter


def _level_ok(quarter: Quarter) -> Iterator[Share]:
    """Each quarter of an hour from 06:00 to 21:00 at an intersection that was measured."""
    if not quarter.counts:
        return
    reason = quarter.left_out
    if reason:
        yield Share(quarter.start, excluded(reason))
        return
    counters = on_time(quarter.acceptable)
    if quarter.is_peak:
        counters |= {f"peak:{name}": count for name, count in counters.items()}
    yield Share(quarter.start, counters)


def _repaired(signals: Signals) -> Iterator[Share]:
    """Due cohort of 24 hours after the first alarm; power cuts count, and are counted apart too."""
    for fault in signals.faults:
        apart = {"by:pln": 1} if fault.power_cut else {}
        yield Share(fault.due_at, on_time(fault.on_time) | apart)


level_of_service = Kpi(
    id="intersection_los_ok_pct",
    title_en="Intersection periods at acceptable level of service",
    title_id="Porsi waktu simpang pada tingkat pelayanan layak",
    principle="Efisiensi & efektivitas",
    dimension="Smart Mobility",
    relation="G2C",
    stage="Presence",
    unit="percent",
    higher_is_better=True,
    green=Decimal(80),
    amber=Decimal(60),
    formula="100 x quarters of an hour at level C or better / quarters with 10 valid minutes",
    legal_basis="PM Perhubungan 96/2015 (bands), KM 14/2006 (minimum C); percentage project",
    basis_status="verified (secondary)",
    subject=QUARTER,
    reads=("traffic.measured",),
    sources=("traffic_analytics",),
    scopes=("city", "intersection"),
    base="1d",
    windows=("1d", "28d"),
    shares=_level_ok,
    companions=(
        Companion(
            "peak_pct",
            "the same in the peak hours (06-09 and 16-19 WIB)",
            "hal yang sama pada jam sibuk (06-09 dan 16-19 WIB)",
            share("peak:n", "peak:d"),
        ),
        Companion(
            "off_peak_pct",
            "the same outside of them",
            "hal yang sama di luar jam sibuk",
            rest(NUMERATOR, DENOMINATOR, ("peak:n", "peak:d")),
        ),
    ),
    lateness=LATENESS,
)

signal_repair = Kpi(
    id="signal_fault_repair_on_time_pct",
    title_en="Traffic-signal faults restored in 24 h",
    title_id="Perbaikan lampu lalu lintas ≤24 jam",
    principle="Efisiensi & efektivitas",
    dimension="Smart Mobility",
    relation="G2G",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(90),
    amber=Decimal(75),
    formula="100 x faults restored within 24 h of their first ATCS alarm / faults due",
    legal_basis="None: no Indonesian figure found; Boston and Mesa publish the like",
    basis_status="benchmarks verified; target project",
    subject=SIGNALS,
    reads=("signal.alarm", "signal.restored"),
    sources=("atcs",),
    scopes=("city", "intersection"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_repaired,
    companions=(
        Companion(
            "power_cut", "faults by a power cut", "gangguan karena listrik padam", count("by:pln")
        ),
    ),
    lateness=case_lateness(),
)
