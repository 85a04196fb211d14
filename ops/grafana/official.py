"""Official indices: what other authorities said of the city, with the year, and never computed."""

from __future__ import annotations

from typing import Any

from core.tables import IndexTable, shipped
from ops.grafana import panels, queries
from ops.grafana.panels import Section

_COLUMNS = {
    "index": "indeks / index",
    "year": "tahun / year",
    "place": "wilayah / area",
    "value": "nilai / value",
    "grade": "kategori / grade",
    "rank": "peringkat / rank",
    "scale": "skala / scale",
    "authority": "lembaga / authority",
}
BESIDE = frozenset(kpi for one in shipped(IndexTable).indices for kpi in one.kpis)
"""KPIs that an index stands beside."""


def official() -> Section:
    """All of them; they enter no KPI and no score (catalogue section 8)."""
    return "Indeks resmi / Official indices", [(24, 8, grid("Indeks resmi / Official indices"))]


def grid(title: str, kpi: str | None = None) -> Any:
    """Indices as a table, all or those beside a KPI."""
    return panels.grid(
        title,
        "Seperti yang diumumkan lembaganya, dengan tahunnya; tidak masuk skor. / "
        "As its authority gave it, with the year; never computed, in no score.",
        [(queries.indices(kpi), "")],
        columns=_COLUMNS,
        hidden=("Time", "Value"),
    )
