"""KPIs of the city's environment (catalogue 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core import reference
from core.cells import BEFORE, BESIDE, SINCE, Share, excluded, on_time, unsettled
from core.companion import Companion, Read, count, share
from core.complaints import COMPLAINT, LIFECYCLE, Complaint
from core.histogram import bar, bars
from core.kpi import Kpi, case_lateness
from core.matter_tables import UtilityTable
from core.moment import DAY, HOUR

FILED = f"{BESIDE}h"
"""Histogram of reports filed, by the number of the hour since 1970."""
_FLOODS, _FLOODS_SOLVED = f"{BESIDE}floods", f"{BESIDE}floods:n"
USUAL = 90 * DAY
"""Catalogue KPI 5: so long before a window shows what is usual."""


def _within_a_day(case: Complaint) -> Iterator[Share]:
    """Waste, street light and water: 24 hours by the wall clock from the first filing."""
    if case.category in reference.FLOOD_CATEGORIES:
        yield from _floods(case)
    limits = case.law.at(case.closed_at).read(UtilityTable).hours
    if case.category not in limits:
        return
    # Every report by itself, also of a matter that is known already: a surge is one of reports.
    yield Share(case.submitted_at, {bar(FILED, case.submitted_at // HOUR): 1}, city_only=True)
    due = case.begun_at + limits[case.category] * HOUR
    reason = case.left_out or ("paused" if case.complete_at is None else None)
    solved = case.resolved_at
    judged = on_time(solved is not None and solved <= due)
    if case.unsettled:
        judged = unsettled()
    yield Share(due, excluded(reason) if reason else judged)


def _floods(case: Complaint) -> Iterator[Share]:
    """The same of floods and drains, beside the headline: rain decides them."""
    if case.left_out or case.complete_at is None or case.unsettled:
        return
    due, solved = case.begun_at + reference.FLOOD_LIMIT, case.resolved_at
    hit = {_FLOODS_SOLVED: 1} if solved is not None and solved <= due else {}
    yield Share(due, {_FLOODS: 1, **hit}, city_only=True)


def _copied(share: Share) -> Share | None:
    """Of a duplicate: it was a report like all, and is left out of the rest."""
    if not share.city_only:
        return Share(share.at, excluded("duplicate"))
    return None if _FLOODS in share.counters else share


def _of_city(read: Read) -> Read:
    """Floods are counted for the city alone: below it there is no number, which is not nought."""
    return lambda counters: read(counters) if SINCE in counters else None


def _surges(counters: Mapping[str, int]) -> str | None:
    """Hours with more than three times the 99th percentile of the hours of 90 days before.

    Nearest rank over all hours, those without a report too.  None where that is no report at all:
    then nothing is known to be usual.
    """
    before = sorted(bars(counters, BEFORE + FILED).values())
    hours = USUAL // HOUR
    above = hours - -(-hours * 99 // 100)
    usual = before[-above - 1] if len(before) > above else 0
    if not usual:
        return None
    inside = bars(counters, FILED).values()
    return str(sum(n > reference.SURGE * usual for n in inside))


utility_24h = Kpi(
    id="env_utility_24h_resolution_pct",
    title_en="Waste, street-light and water cases solved in 24 h",
    title_id="Aduan sampah, lampu jalan, air selesai 1×24 jam",
    principle="Efisiensi & efektivitas",
    dimension="Smart Environment",
    relation="G2C",
    stage="Transactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(80),
    amber=Decimal(60),
    formula="100 x cases of waste, street light, water solved within 24 h / those whose 24 h ended",
    legal_basis="Diskominfo Kota Jambi: followed up within 1x24 hours, read here as resolution",
    basis_status="verified (24 h statement)",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city", "category", "kecamatan", "opd"),
    base="1d",
    windows=("1d", "7d", "month"),
    shares=_within_a_day,
    of_copy=_copied,
    carries=FILED,
    carried_for=USUAL,
    companions=(
        Companion(
            "floods",
            "cases of floods and drains due",
            "aduan banjir dan drainase",
            _of_city(count(_FLOODS)),
        ),
        Companion(
            "floods_24h_pct",
            "share of them solved in 24 h",
            "bagiannya yang selesai 1×24 jam",
            share(_FLOODS_SOLVED, _FLOODS),
        ),
        Companion(
            "surge_hours",
            "surge: hours with over three times the P99 of the 90 days before",
            "lonjakan: jam dengan lebih dari tiga kali P99 dari 90 hari sebelumnya",
            _surges,
        ),
    ),
    lateness=case_lateness(),
    reopens=True,
)
