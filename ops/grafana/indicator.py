"""Panels of one KPI: value and course coloured as declared, evidence beside them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.kpi import Kpi
from ops.grafana import panels, queries
from ops.grafana.official import BESIDE, grid
from ops.grafana.panels import Section

UNITS = {
    "percent": "percent", "hours": "h", "seconds": "s", "per_100k": "none", "points": "none",
    "index": "none",
}  # fmt: skip


def indicator(kpi: Kpi) -> Section:
    """Value, status, completeness and course of one KPI."""
    return f"{kpi.title_id} / {kpi.title_en}", list(_panels(kpi))


def _panels(kpi: Kpi) -> Iterator[tuple[int, int, Any]]:
    both = [
        (queries.value(kpi.id, sound=True), "{{window}}"),
        (queries.value(kpi.id, sound=False), "{{window}}"),
    ]
    unit = UNITS[kpi.unit]
    colours = panels.graded(kpi.green, kpi.amber, higher=kpi.higher_is_better)
    title = f"{kpi.title_id} / {kpi.title_en}"
    yield (
        7,
        6,
        panels.grey_for(panels.number(title, _manual(kpi), both, unit=unit, colours=colours), "B"),
    )
    yield (
        4,
        6,
        panels.words(
            "Status",
            "Status tiap jendela; abu-abu bila bukan ok. / Status per window; grey unless ok.",
            (queries.status(kpi.id), "{{window}}: {{status}}"),
            good=": ok",
        ),
    )
    yield 4, 6, _completeness(kpi)
    course = [(query, "{{window}}") for query, _ in both]
    if kpi.target is not None:
        course.append((queries.target(kpi.id), "target"))
    panel = panels.lines(
        f"Perjalanan / Course: {kpi.id}",
        "Nilai yang tampil pada waktu pengambilan, bukan pada waktu kejadian. / "
        "The value shown at the time of scraping, not at event time. " + _manual(kpi),
        course,
        unit=unit,
        colours=colours,
    )
    yield 9, 6, panels.dashed_for(panels.grey_for(panel, "B"), "C")
    if kpi.companions:
        yield 24, 6, _companions(kpi)
    if kpi.id in BESIDE:
        yield 24, 4, grid(f"Indeks resmi / Official index: {kpi.id}", kpi.id)


def _completeness(kpi: Kpi) -> Any:
    return panels.number(
        "Kelengkapan / Completeness",
        "Bagian hari-sumber yang mengirim detak; di bawah 100 % sebagian sumber diam. / "
        "Share of source-days with a heartbeat; below 100 % some source was silent. "
        f"Sumber / sources: {', '.join(kpi.sources) or 'semua indikator / all KPIs'}.",
        [(queries.evidence("jcoc_kpi_completeness_ratio", kpi.id), "{{window}}")],
        unit="percentunit",
        colours=[(None, panels.RED), (Decimal("0.9"), panels.AMBER), (Decimal(1), panels.GREEN)],
    )


def _companions(kpi: Kpi) -> Any:
    return panels.grid(
        f"Pendamping / Companions: {kpi.id}",
        "; ".join(f"{c.name}: {c.title_id} / {c.title_en}" for c in kpi.companions if not c.words),
        [(queries.companions(kpi.id), "")],
        columns={"window": "jendela / window", "companion": "pendamping / companion",
                 "Value": "nilai / value"},
    )  # fmt: skip


def _manual(kpi: Kpi) -> str:
    return (
        f"**{kpi.id}** · rumus / formula: {kpi.formula}. Dasar / basis: {kpi.legal_basis}. "
        f"Asas / principle: {kpi.principle} · {kpi.dimension} · {kpi.relation}. {_limits(kpi)}"
    )


def _limits(kpi: Kpi) -> str:
    if kpi.green is None:
        return "Informasi, tanpa warna. / Informational, no colour."
    sign = "≥" if kpi.higher_is_better else "≤"
    if kpi.amber is None:
        return f"Hijau / green {sign} {kpi.green}, lainnya / else red."
    return (
        f"Hijau / green {sign} {kpi.green}, kuning / amber {sign} {kpi.amber}, lainnya / else red."
    )
