"""Panel shapes of our boards: data source, colours and units set once.

Colours follow convention C12: green, amber and red as the KPI declares, grey whenever the status
is not ok.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus, stat, table, timeseries
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

GREEN, AMBER, RED, GREY, PLAIN = "green", "orange", "red", "#8e8e8e", "text"
NO_VALUE = "tanpa nilai / no value"
SOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")

Query = tuple[str, str]
"""(PromQL, legend)"""
Colours = Sequence[tuple[Decimal | None, str]]
"""(from this number on, colour); the first starts at None."""

Section = tuple[str, list[tuple[int, int, Any]]]
"""(title of a row, its panels with width in 24ths and height)"""


def graded(green: Decimal | None, amber: Decimal | None, *, higher: bool | None) -> Colours:
    """Colours of a KPI; one plain colour for informational ones, no amber without its limit."""
    if green is None or higher is None:
        return [(None, PLAIN)]
    if higher:
        between = [] if amber is None else [(amber, AMBER)]
        return [(None, RED), *between, (green, GREEN)]
    # The limits themselves are still good ("green <= 5"), and a Grafana step starts at its number;
    # values have two decimals (C8), so the next colour starts one hundredth later.
    step = Decimal("0.01")
    if amber is None:
        return [(None, GREEN), (green + step, RED)]
    return [(None, GREEN), (green + step, AMBER), (amber + step, RED)]


def number(title: str, text: str, queries: Iterable[Query], *, unit: str, colours: Colours) -> Any:
    """Big numbers, one per series of an instant query."""
    panel = _with_queries(stat.Panel(), title, text, queries, instant=True)
    return (
        panel.unit(unit)
        .thresholds(_thresholds(colours))
        .no_value(NO_VALUE)
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.NONE)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def words(title: str, text: str, query: Query, *, good: str | None = None) -> Any:
    """Names of series in place of numbers: green when they end in `good`, else grey."""
    panel = number(title, text, [query], unit="none", colours=[(None, GREY)])
    panel = panel.text_mode(common.BigValueTextMode.NAME)
    return panel if good is None else panel.override_by_regexp(f".*{good}$", [_colour(GREEN)])


def lines(title: str, text: str, queries: Iterable[Query], *, unit: str, colours: Colours) -> Any:
    """A course over the time of scraping."""
    panel = _with_queries(timeseries.Panel(), title, text, queries, instant=False)
    return panel.unit(unit).thresholds(_thresholds(colours)).no_value(NO_VALUE).fill_opacity(10)


def grid(
    title: str,
    text: str,
    queries: Iterable[Query],
    *,
    columns: Mapping[str, str],
    hidden: Iterable[str] = ("Time",),
    unit: str = "none",
) -> Any:
    """A table of instant series, its columns renamed and the others hidden."""
    panel = _with_queries(table.Panel(), title, text, queries, instant=True)
    organize = {
        "excludeByName": dict.fromkeys(hidden, True),
        "renameByName": dict(columns),
        "indexByName": {name: place for place, name in enumerate(columns)},
    }
    return (
        panel.unit(unit)
        .no_value(NO_VALUE)
        .with_transformation(dashboard.DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(dashboard.DataTransformerConfig(id_val="organize", options=organize))
    )


def grey_for(panel: Any, ref: str) -> Any:
    """Paint the series of query `ref` ("A" is the first) grey."""
    return panel.override_by_query(ref, [_colour(GREY)])


def dashed_for(panel: Any, ref: str) -> Any:
    """Draw the series of query `ref` as a thin dashed line: a limit, not a measurement."""
    style = dashboard.DynamicConfigValue(
        id_val="custom.lineStyle", value={"dash": [8, 8], "fill": "dash"}
    )
    return panel.override_by_query(ref, [_colour(PLAIN), style])


def _with_queries(
    panel: Any, title: str, text: str, queries: Iterable[Query], *, instant: bool
) -> Any:
    panel = panel.title(title).description(text).datasource(SOURCE)
    for ref, (expression, legend) in zip("ABCDEF", queries, strict=False):
        query = prometheus.Dataquery().ref_id(ref).expr(expression).datasource(SOURCE)
        query = query.instant() if instant else query.range()
        if isinstance(panel, table.Panel):
            query = query.format(PromQueryFormat.TABLE)
        panel = panel.with_target(query.legend_format(legend))
    return panel


def _thresholds(colours: Colours) -> Any:
    steps = [
        dashboard.Threshold(value=None if start is None else float(start), color=colour)
        for start, colour in colours
    ]
    return builders.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps)


def _colour(name: str) -> Any:
    return dashboard.DynamicConfigValue(id_val="color", value={"fixedColor": name, "mode": "fixed"})
