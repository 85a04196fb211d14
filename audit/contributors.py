"""Who adds to a window: what an auditor looks at first when a number is not the same."""

from __future__ import annotations

from audit.contributions import contributions
from core.engine import Engine
from core.kpis import by_id
from core.rows import KpiRow

_MOST = 50


def contributors(engine: Engine, row: KpiRow) -> list[str]:
    """Ids of cases, cameras or claims that the row's window counts now; the first 50, sorted."""
    kpi = by_id().get(row.kpi)
    if kpi is None:
        return []
    scope, span = (row.scope_type, row.scope_id), (row.window_start, row.window_end)
    return sorted({found.name for found in contributions(engine, kpi, scope, span)})[:_MOST]
