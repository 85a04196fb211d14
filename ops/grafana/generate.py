"""Writes the boards: `python -m ops.grafana.generate`, with `--check` compares them."""

from __future__ import annotations

import click
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from core.kpis import all_kpis
from ops.generated import keep
from ops.grafana.board import city_overview

BOARD = "ops/grafana/dashboards/JCOC/city-overview.json"


def files() -> dict[str, str]:
    """Every generated file, by its path from the repository's root."""
    encoder = JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False)
    return {BOARD: encoder.encode(city_overview(all_kpis())) + "\n"}


@click.command()
@click.option("--check", is_flag=True, help="Compare with the committed files; write nothing.")
def main(*, check: bool) -> None:
    """Generate the Grafana boards from the KPI declarations."""
    keep(files(), check=check)


if __name__ == "__main__":
    main()
