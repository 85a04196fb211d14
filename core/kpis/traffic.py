"""KPIs of traffic (catalogue 6.F)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.cells import BESIDE, DENOMINATOR, NUMERATOR, Share, excluded, on_time
from core.companion import Companion, Read, count, rest, share
from core.faults import CAMERA, CITIZEN, KNOWN, Known
from core.kpi import Kpi, case_lateness, percent
from core.traffic import LATENESS, QUARTER, Quarter

_TOLD, _SENT = f"{BESIDE}told", f"{BESIDE}sent"
_FIRST = {CITIZEN: f"{BESIDE}citizen", CAMERA: f"{BESIDE}camera"}
_HOLIDAY, _RAMADAN = f"{BESIDE}holiday", f"{BESIDE}ramadan"


def _flagged(name: str) -> Read:
    """How many quarters have the flag; None where of some nobody knows."""
    return lambda counters: None if f"{name}?" in counters else str(counters.get(name, 0))


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
    for name, flag in ((_HOLIDAY, quarter.is_holiday), (_RAMADAN, quarter.is_ramadan)):
        if flag is not False:
            counters[name if flag else f"{name}?"] = 1
    yield Share(quarter.start, counters)


def _repaired(fault: Known) -> Iterator[Share]:
    """Due cohort of 24 hours since it was known; power cuts count, and are counted apart too."""
    apart = {"by:pln": 1} if fault.failure.power_cut else {}
    told = {_TOLD: 1} if fault.failure.dispatched_at is not None else {}
    sent = {_SENT: 1} if fault.sent_in_time else {}
    first = {_FIRST[fault.source]: 1} if fault.source in _FIRST else {}
    yield Share(fault.due_at, on_time(fault.on_time) | apart | told | sent | first)


def _dispatched(counters: Mapping[str, int]) -> str | None:
    """None where nobody told of a team at all: not knowing is not nought."""
    told, faults = counters.get(_TOLD, 0), counters.get(DENOMINATOR, 0)
    return percent(counters.get(_SENT, 0), faults) if told else None


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
        Companion(
            "holiday_quarters",
            "quarters of an hour on holidays and cuti bersama",
            "seperempat jam pada hari libur dan cuti bersama",
            _flagged(_HOLIDAY),
        ),
        Companion(
            "ramadan_quarters",
            "quarters of an hour in Ramadan",
            "seperempat jam pada bulan Ramadan",
            _flagged(_RAMADAN),
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
    formula="100 x faults restored within 24 h of when a citizen, a camera or ATCS first told of"
    " them / faults due",
    legal_basis="None: no Indonesian figure found; Boston and Mesa publish the like",
    basis_status="benchmarks verified; target project",
    subject=KNOWN,
    reads=(
        "cctv.detected",
        "complaint.submitted",
        "signal.alarm",
        "signal.dispatched",
        "signal.restored",
    ),
    sources=("atcs",),
    scopes=("city", "intersection"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_repaired,
    companions=(
        Companion(
            "power_cut", "faults by a power cut", "gangguan karena listrik padam", count("by:pln")
        ),
        Companion(
            "known_by_citizen",
            "faults of which a citizen told first",
            "gangguan yang lebih dulu dilaporkan warga",
            count(_FIRST[CITIZEN]),
        ),
        Companion(
            "known_by_camera",
            "faults that a camera saw first",
            "gangguan yang lebih dulu terlihat kamera",
            count(_FIRST[CAMERA]),
        ),
        Companion(
            "dispatch_1h_pct",
            "share to which a team was sent within an hour; 95 to be aimed at",
            "porsi yang didatangi petugas dalam satu jam; sasaran 95",
            _dispatched,
        ),
    ),
    lateness=case_lateness(),
)
