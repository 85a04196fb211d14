"""Boards and alerts ask only for metrics that one of our processes exports."""

from __future__ import annotations

import json
import re

import pytest
from prometheus_client import REGISTRY, CollectorRegistry

from core.kpis import all_kpis
from edge.meter import Meter
from ops.generated import ROOT
from ops.grafana.generate import BOARD
from ops.prometheus.alerts import all_alerts
from ops.prometheus.generate import RECORDED
from streams import metrics as worker_metrics
from streams.exporter.feed import Feed, Shelf
from streams.exporter.server import page

assert worker_metrics.RECORDS, "importing it registers the worker's metrics"


def names_of(registry: CollectorRegistry) -> set[str]:
    return {
        family.name + ("_total" if family.type == "counter" else "")
        for family in registry.collect()
        if family.name.startswith("jcoc_")
    }


EXPORTED = (
    names_of(REGISTRY)
    | names_of(Meter().registry)
    | names_of(page(Feed(lag=0, shown=Shelf({}, stored_at=0.0)), all_kpis()))
)


def asked(text: str) -> set[str]:
    return set(re.findall(r"(?<![:\w])jcoc_[a-z_]+(?=[{\[) ])", text))


def test_the_board_asks_for_exported_metrics_only() -> None:
    board = json.loads((ROOT / BOARD).read_text(encoding="utf-8"))
    expressions = [t["expr"] for panel in board["panels"] for t in panel.get("targets", ())]
    wanted = {name for expr in expressions for name in asked(expr)}
    assert len(wanted) > 15
    assert wanted <= EXPORTED


@pytest.mark.parametrize(
    "expr", [*(alert.expr for alert in all_alerts(all_kpis())), *RECORDED.values()]
)
def test_a_rule_asks_for_exported_metrics_only(expr: str) -> None:
    assert asked(expr) <= EXPORTED
    assert asked(expr) or "up{" in expr
