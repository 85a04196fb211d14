"""The city overview, drawn from the KPI declarations: declaring a KPI puts it on the board."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard

from core.kpi import Kpi
from ops.grafana.freshness import freshness
from ops.grafana.indicator import indicator
from ops.grafana.official import official
from ops.grafana.overview import overview
from ops.grafana.sources import sources
from ops.grafana.variables import all_variables

UID = "jcoc-city-overview"
TITLE = "JCOC — Ikhtisar Kota / City overview"
ABOUT = (
    "Jendela tertutup terakhir tiap indikator, dengan bukti di sampingnya. "
    "Prometheus hanya tampilan; catatan resminya adalah topik kpi.published. / "
    "The latest closed window of each KPI, with its evidence beside it. "
    "Prometheus is a view; the record is the topic kpi.published."
)


def city_overview(kpis: Iterable[Kpi]) -> dashboard.Dashboard:
    """The whole board; equal declarations give an equal board."""
    board = (
        builders.Dashboard(TITLE)
        .uid(UID)
        .description(ABOUT)
        .tags(["jcoc"])
        .timezone("Asia/Jakarta")
        .readonly()
        .refresh("30s")
        .time("now-24h", "now")
        .variables(all_variables())
    )
    numbers = count(1)
    sections = [overview(), *map(indicator, kpis), official(), sources(), freshness()]
    for title, content in sections:
        board = board.with_row(builders.Row(title).id(next(numbers)))
        for width, height, panel in content:
            board = board.with_panel(panel.id(next(numbers)).span(width).height(height))
    return board.build()
