"""Choices at the head of a board: data source, job, instance and one-dimensional scope (C11)."""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh, VariableSort

from ops.grafana.panels import SOURCE
from ops.grafana.queries import FROM

CITY = "city"


def all_variables() -> list[Any]:
    """Variables in the order in which they depend on each other."""
    return [
        builders.DatasourceVariable("datasource").label("Data source").type("prometheus"),
        _many("job", 'label_values({__name__=~"jcoc_.+"}, job)'),
        _many("instance", 'label_values({__name__=~"jcoc_.+",job=~"$job"}, instance)'),
        _one(
            "scope_type",
            "Cakupan / Scope",
            f"label_values(jcoc_kpi_status{{{FROM}}}, scope_type)",
        ).current(VariableOption(text=CITY, value=CITY, selected=True)),
        _one(
            "scope",
            "Nama cakupan / Scope name",
            f'label_values(jcoc_kpi_status{{{FROM},scope_type="$scope_type"}}, scope_id)',
        ),
    ]


def _many(name: str, query: str) -> Any:
    return (
        _query(name, name.title(), query)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".+")
        .current(VariableOption(text="All", value="$__all", selected=True))
    )


def _one(name: str, label: str, query: str) -> Any:
    return _query(name, label, query).multi(multi=False).include_all(include_all=False)


def _query(name: str, label: str, query: str) -> Any:
    return (
        builders.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query({"qryType": 1, "query": query, "refId": name})
        .definition(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )
