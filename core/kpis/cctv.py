"""KPIs of CCTV (catalogue 6.F)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from core.cameras import CAMERA, EXPECTED, UP
from core.cells import DENOMINATOR, NUMERATOR, Counters, Share
from core.kpi import Alive, Kpi
from core.moment import MINUTE

COLLECTOR = "frigate"
"""Source whose silence hides every camera: minutes without its heartbeat count on neither side."""
_COUNTERS = {EXPECTED: DENOMINATOR, UP: NUMERATOR}


def _minutes(seen: Any) -> Iterator[Share]:
    """(window start, counters) of one camera, made by the fold at each tick."""
    start, counters = seen
    yield Share(start, counters)


def _while_collected(counters: Mapping[str, int], alive: Alive) -> Counters:
    """Camera-minutes up of those expected while the collector itself was alive."""
    found: Counters = {}
    for name, value in counters.items():
        counter = _COUNTERS.get(name[:2])
        if counter is None:
            found[name] = value
        elif alive(COLLECTOR, int(name[2:])):
            found[counter] = found.get(counter, 0) + value
    return found


availability = Kpi(
    id="cctv_availability_pct",
    title_en="CCTV availability at signalised intersections",
    title_id="Ketersediaan CCTV simpang",
    principle="Efisiensi & efektivitas",
    dimension="Smart Mobility",
    relation="G2G",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=Decimal(90),
    formula="100 x camera-minutes up / camera-minutes expected while the collector was alive",
    legal_basis="None: engineering default; 40 intersections with CCTV (2021)",
    basis_status="inventory verified; target engineering",
    subject=CAMERA,
    reads=("cctv.heartbeat", "cctv.maintenance", "ref.camera"),
    sources=(COLLECTOR,),
    scopes=("city", "intersection"),
    base="5min",
    short_scopes=("city", "intersection"),
    windows=("5min", "1d", "28d"),
    shares=_minutes,
    observed=_while_collected,
    lateness=10 * MINUTE,
)
