"""The committed board keeps the rules of grafana/dashboard-linter and of convention C12.

The linter itself is no Python package, so its rules are stated here one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from core.kpi import Kpi
from core.kpis import all_kpis
from core.rows import Status
from ops.generated import ROOT
from ops.grafana import panels
from ops.grafana.generate import BOARD, files

Json = dict[str, Any]
BOARD_JSON: Json = json.loads((ROOT / BOARD).read_text(encoding="utf-8"))
PANELS: list[Json] = [panel for panel in BOARD_JSON["panels"] if panel["type"] != "row"]
TARGETS: list[tuple[str, Json]] = [
    (panel["title"], target) for panel in PANELS for target in panel["targets"]
]
VARIABLES: dict[str, Json] = {one["name"]: one for one in BOARD_JSON["templating"]["list"]}
UNITS = {"percent", "percentunit", "h", "s", "none", "short", "cps", "bool_yes_no"}

COUNTERS_SHOWN_AS_TOTALS = {
    "Neraca catatan / Record totals": "the promise received = accepted + duplicate + rejected "
    "holds for totals; increase() extrapolates",
    "Selisih / Unaccounted": "an exact difference of totals; increase() extrapolates",
}

every_panel = pytest.mark.parametrize("panel", PANELS, ids=lambda one: f"{one['id']}")
every_target = pytest.mark.parametrize(
    ("title", "target"), TARGETS, ids=[f"{title}-{one['refId']}" for title, one in TARGETS]
)


def plain(expr: str) -> str:
    """PromQL with Grafana's variables replaced by something that parses."""
    for variable, text in {
        "$__rate_interval": "5m",
        "$scope_type": "city",
        "$scope": "c",
        "$job": ".+",
        "$instance": ".+",
    }.items():
        expr = expr.replace(variable, text)
    return expr


def nodes(expr: str) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Every node of the parsed expression with its parents."""
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(promql_parser.parse(plain(expr)), ())]
    while waiting:
        node, parents = waiting.pop()
        yield node, parents
        below = [getattr(node, name, None) for name in ("expr", "lhs", "rhs", "vector_selector")]
        below += list(getattr(node, "args", None) or [])
        waiting += [(one, (*parents, node)) for one in below if _is_node(one)]


def _is_node(thing: object) -> bool:
    return type(thing).__module__.startswith("promql_parser") and not callable(thing)


def selectors(expr: str) -> list[tuple[Any, tuple[Any, ...]]]:
    found = [one for one in nodes(expr) if isinstance(one[0], promql_parser.VectorSelector)]
    assert found, f"no selector in {expr}"
    return found


def test_the_committed_board_is_what_the_declarations_generate() -> None:
    for name, content in files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == content, (
            f"{name} is out of date: run python -m ops.grafana.generate"
        )


def test_generating_twice_gives_the_same_bytes() -> None:
    assert files() == files()


def test_the_board_cannot_be_edited_in_the_browser() -> None:
    assert BOARD_JSON["editable"] is False


def test_panel_ids_are_set_and_unique() -> None:
    ids = [panel["id"] for panel in BOARD_JSON["panels"]]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_no_two_panels_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD_JSON["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_data_source_is_a_variable() -> None:
    assert VARIABLES["datasource"]["type"] == "datasource"
    assert VARIABLES["datasource"]["label"] == "Data source"
    assert VARIABLES["datasource"]["query"] == "prometheus"


@pytest.mark.parametrize("name", ["job", "instance"])
def test_job_and_instance_can_be_chosen_many_at_a_time(name: str) -> None:
    variable = VARIABLES[name]
    assert (variable["type"], variable["label"]) == ("query", name.title())
    assert variable["multi"] is True
    assert variable["allValue"] == ".+"


@pytest.mark.parametrize("name", sorted(set(VARIABLES) - {"datasource"}))
def test_variables_are_asked_again_when_the_time_range_changes(name: str) -> None:
    variable = VARIABLES[name]
    assert variable["refresh"] == 2
    assert variable["datasource"]["uid"] == "${datasource}"
    inner = variable["definition"].removeprefix("label_values(").rpartition(",")[0]
    assert selectors(inner)


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_variable_is_used(name: str) -> None:
    rest = json.dumps([BOARD_JSON["panels"], [v for v in VARIABLES.values() if v["name"] != name]])
    assert f"${name}" in rest or f"${{{name}}}" in rest


@every_panel
def test_a_panel_has_a_bilingual_title_a_description_a_unit_and_queries(panel: Json) -> None:
    assert " / " in panel["title"] or panel["title"] == "Status"
    assert " / " in panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["targets"]


@every_panel
def test_a_panel_takes_the_chosen_data_source(panel: Json) -> None:
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert {source["uid"] for source in sources} == {"${datasource}"}


@every_panel
def test_a_panel_without_a_value_says_so(panel: Json) -> None:
    assert panel["fieldConfig"]["defaults"]["noValue"] == "tanpa nilai / no value"


@every_target
def test_every_selector_names_job_and_instance(title: str, target: Json) -> None:
    text = target["expr"]
    expected = len(selectors(text))
    assert text.count('job=~"$job"') == expected
    assert text.count('instance=~"$instance"') == expected


@every_target
def test_a_counter_is_shown_as_a_rate(title: str, target: Json) -> None:
    for selector, parents in selectors(target["expr"]):
        if selector.name.endswith("_total") and title not in COUNTERS_SHOWN_AS_TOTALS:
            assert isinstance(parents[-1], promql_parser.MatrixSelector)
            assert parents[-2].func.name in {"rate", "irate", "increase"}


@every_target
def test_a_range_is_the_rate_interval(title: str, target: Json) -> None:
    assert target["expr"].count("[") == target["expr"].count("[$__rate_interval]")


@pytest.mark.parametrize("title", sorted(COUNTERS_SHOWN_AS_TOTALS))
def test_an_exception_is_still_needed(title: str) -> None:
    assert any(title == one for one, _ in TARGETS)


@pytest.mark.parametrize("kpi", all_kpis(), ids=lambda kpi: kpi.id)
def test_every_kpi_has_value_status_completeness_and_course(kpi: Kpi) -> None:
    def panels_with(metric: str) -> int:
        wanted = f'{metric}{{kpi="{kpi.id}"'
        return sum(any(wanted in one["expr"] for one in panel["targets"]) for panel in PANELS)

    assert panels_with("jcoc_kpi_value") == 2
    assert panels_with("jcoc_kpi_completeness_ratio") == 1
    assert panels_with("jcoc_kpi_status") == 3
    assert panels_with("jcoc_kpi_target") == (kpi.target is not None)


@pytest.mark.parametrize("kpi", all_kpis(), ids=lambda kpi: kpi.id)
def test_a_value_panel_tells_formula_law_and_limits(kpi: Kpi) -> None:
    panel = value_panel(kpi)
    assert panel["title"] == f"{kpi.title_id} / {kpi.title_en}"
    for told in (kpi.formula, kpi.legal_basis, kpi.principle):
        assert told in panel["description"]


@pytest.mark.parametrize("kpi", all_kpis(), ids=lambda kpi: kpi.id)
def test_colours_change_at_the_declared_limits_and_only_there(kpi: Kpi) -> None:
    steps = value_panel(kpi)["fieldConfig"]["defaults"]["thresholds"]["steps"]

    def colour(number: float) -> str:
        reached = [s for s in steps if s["value"] is None or s["value"] <= number]
        return str(reached[-1]["color"])

    if kpi.green is None:
        assert [step["color"] for step in steps] == ["text"]
        return
    hundredth = 0.01 if kpi.higher_is_better else -0.01
    assert colour(float(kpi.green)) == "green"
    if kpi.amber is None:
        assert colour(float(kpi.green) - hundredth) == "red"
        return
    assert colour(float(kpi.green) - hundredth) == "orange"
    assert colour(float(kpi.amber)) == "orange"
    assert colour(float(kpi.amber) - hundredth) == "red"


@pytest.mark.parametrize(
    ("higher", "colours"),
    [
        (True, [(None, panels.RED), (Decimal(95), panels.GREEN)]),
        (False, [(None, panels.GREEN), (Decimal("95.01"), panels.RED)]),
    ],
)
def test_without_an_amber_limit_what_is_not_green_is_red(
    *, higher: bool, colours: panels.Colours
) -> None:
    assert panels.graded(Decimal(95), None, higher=higher) == colours


@pytest.mark.parametrize("kpi", all_kpis(), ids=lambda kpi: kpi.id)
def test_a_value_whose_status_is_not_ok_is_grey(kpi: Kpi) -> None:
    panel = value_panel(kpi)
    ok, other = (target["expr"] for target in panel["targets"])
    assert ok.removesuffix("== 1") == other.removesuffix("== 0")
    assert {
        "matcher": {"id": "byFrameRefID", "options": "B"},
        "properties": [{"id": "color", "value": {"fixedColor": "#8e8e8e", "mode": "fixed"}}],
    } in panel["fieldConfig"]["overrides"]


def value_panel(kpi: Kpi) -> Json:
    return next(
        panel
        for panel in PANELS
        if panel["type"] == "stat"
        and "jcoc_kpi_value" in panel["targets"][0]["expr"]
        and f'"{kpi.id}"' in panel["targets"][0]["expr"]
    )


@pytest.mark.parametrize("status", [status.value for status in Status])
def test_operators_can_look_up_every_status(status: str) -> None:
    assert f"| `{status}` |" in Path(ROOT / "docs/operators.md").read_text(encoding="utf-8")
