"""True numbers of evidence completeness (catalogue 17).

For a day the cells that should exist are the other seven KPIs at city scope.  A cell is complete
when its 1d row is ok or no_data (not insufficient: over 20 % of its cases left out, C9) and each
of its sources showed a sign of life that day.  The share left out is left / (left + denominator)
of the cases that would have counted in the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sim.truth.windows import Row, Window

KPI = "kpi_evidence_completeness_pct"
SOURCES = {
    "complaint_resolution_on_time_pct": ("sikesal",),
    "sikesal_local_sla_on_time_pct": ("sikesal",),
    "complaint_resolution_hours_p90": ("sikesal",),
    "complaint_overdue_backlog_pct": ("sikesal",),
    "sipaten_on_time_pct": ("sipaten",),
    "cctv_availability_pct": ("frigate",),
    "tri_corroborated_incident_pct": ("sikesal", "frigate"),
}
TOO_MANY = Fraction(20, 100)


def share_left_out(left_out: int, denominator: int) -> Fraction:
    """Share of the cases left out; 0 without any case."""
    return Fraction(left_out, left_out + denominator) if left_out else Fraction(0)


def row(left_out: Mapping[str, tuple[int, int]], beats: Mapping[str, list[int]], window: Window
        ) -> Row:  # fmt: skip
    """The city's row; `left_out` holds (left out, denominator) of each KPI's 1d row."""
    complete = 0
    for kpi, sources in SOURCES.items():
        enough = share_left_out(*left_out[kpi]) <= TOO_MANY
        alive = all(any(window.holds(at) for at in beats[source]) for source in sources)
        complete += enough and alive
    return Row(KPI, window.name, "city", "city", window.start, window.end, complete, len(SOURCES))
