"""Which cases an auditor looks at when a KPI is red (catalogue KPI 32).

The order is that of a hash over the window and the id: nobody can choose it, and everybody who
draws from the same cases draws the same ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal

from core.kpi import Kpi
from core.rows import KpiRow, Status


def is_red(kpi: Kpi, row: KpiRow) -> bool:
    """Whether the value lies beyond amber, or beyond green where there is no amber (C12)."""
    limit = kpi.green if kpi.amber is None else kpi.amber
    if limit is None or row.value is None or row.status is not Status.OK:
        return False
    value = Decimal(row.value)
    return value < limit if kpi.higher_is_better else value > limit


def drawn(kpi: Kpi, row: KpiRow, names: Iterable[str]) -> list[str]:
    """Of these cases those to be audited, sorted; none while the row is not red."""
    if not kpi.sampled or not is_red(kpi, row):
        return []
    return sorted(sorted(set(names), key=lambda name: _lot(row, name))[: kpi.sampled])


def _lot(row: KpiRow, name: str) -> str:
    return hashlib.sha256(repr((*row.identity, row.window_end, name)).encode()).hexdigest()
