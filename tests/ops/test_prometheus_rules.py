"""Alert rules: generated, tested by promtool, and each with a runbook that exists."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from core.kpis import all_kpis
from ops.generated import ROOT
from ops.prometheus.alerts import Alert, all_alerts
from ops.prometheus.generate import files

ALERTS = tuple(all_alerts(all_kpis()))
HOME = ROOT / "ops/prometheus"

every_alert = pytest.mark.parametrize(
    "alert", ALERTS, ids=lambda alert: f"{alert.name} {alert.fired.get('kpi', '')}".strip()
)


Promtool = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def promtool(prometheus_program: Callable[[str], str]) -> Promtool:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [prometheus_program("promtool"), *arguments]
        return subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)

    return run


def test_the_committed_rules_are_what_the_declarations_generate() -> None:
    for name, content in files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == content, (
            f"{name} is out of date: run python -m ops.prometheus.generate"
        )


@every_alert
def test_an_alert_has_a_runbook_that_exists(alert: Alert) -> None:
    page, _, anchor = alert.runbook.partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {heading.lower() for heading in headings}


@every_alert
def test_an_alert_speaks_indonesian_and_english(alert: Alert) -> None:
    assert " / " in alert.told
    assert "{{" not in alert.told


@every_alert
def test_an_alert_is_told_apart_from_silence_by_its_stories(alert: Alert) -> None:
    assert alert.fires != alert.silent


@pytest.mark.parametrize("kpi", [kpi for kpi in all_kpis() if kpi.green is not None])
def test_every_kpi_with_limits_has_an_alert(kpi: object) -> None:
    assert any(alert.fired.get("kpi") == getattr(kpi, "id", None) for alert in ALERTS)


@pytest.mark.debian
def test_every_alert_fires_in_its_story_and_is_silent_in_the_other(promtool: Promtool) -> None:
    done = promtool("test", "rules", "rules_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.debian
def test_a_rule_that_never_fires_would_be_found(promtool: Promtool, tmp_path: Path) -> None:
    rules = yaml.safe_load((HOME / "rules/jcoc.yml").read_text(encoding="utf-8"))
    for rule in rules["groups"][1]["rules"]:
        rule["expr"] = f"({rule['expr']}) > Inf"
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/jcoc.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    stories = tmp_path / "rules_test.yml"
    stories.write_bytes((HOME / "rules_test.yml").read_bytes())
    done = promtool("test", "rules", str(stories))
    assert done.returncode == 1
    assert all(f"{alert.name} " in done.stdout + done.stderr for alert in ALERTS)


@pytest.mark.debian
def test_prometheus_takes_the_configuration_and_the_rules(promtool: Promtool) -> None:
    done = promtool("check", "config", "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rules found" in done.stdout
