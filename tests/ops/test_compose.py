"""docker-compose.yml and Dockerfile, as far as they can be checked without Docker."""

from __future__ import annotations

import re
import shlex
import tomllib
from typing import Any

import click
import pytest
import yaml
from pydantic import BaseModel

from connectors.registry import discover
from jcoc.main import main
from jcoc.settings import Settings
from jcoc.stack.kafka import PROPERTIES
from ops.generated import ROOT
from ops.grafana.generate import BOARD

Service = dict[str, Any]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Service] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

MACHINE_SIZE = {
    "broker.heartbeat.interval.ms": "quick restarts of one developer's broker",
    "broker.session.timeout.ms": "quick restarts of one developer's broker",
    "num.network.threads": "two cores",
    "num.io.threads": "two cores",
    "background.threads": "two cores",
    "log.cleaner.dedupe.buffer.size": "a small heap",
}
"""Properties of the local stack that are about its machine, not about its promises."""
ADDRESSES = {
    "process.roles",
    "node.id",
    "controller.quorum.voters",
    "listeners",
    "advertised.listeners",
    "controller.listener.names",
    "log.dirs",
}

every_service = pytest.mark.parametrize("name", sorted(SERVICES))
every_own = pytest.mark.parametrize("name", sorted(OURS))


def port_of(published: str) -> tuple[str, str, str]:
    address, outside, inside = published.rsplit(":", 2)
    return address, outside, inside


@every_service
def test_a_service_has_a_pinned_image_a_health_check_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    tag = service["image"].rpartition(":")[2]
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", tag)
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


@every_service
def test_ports_are_published_on_loopback_only(name: str) -> None:
    assert all(port_of(port)[0] == "127.0.0.1" for port in SERVICES[name].get("ports", ()))
    assert "network_mode" not in SERVICES[name]
    assert "privileged" not in SERVICES[name]


def test_no_port_is_published_twice() -> None:
    outside = [port_of(p)[1] for service in SERVICES.values() for p in service.get("ports", ())]
    assert len(set(outside)) == len(outside)


@every_service
def test_mounted_files_exist_read_only_and_volumes_are_declared(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source, _, rest = volume.partition(":")
        if source.startswith("."):
            assert (ROOT / source).exists(), source
            assert rest.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


def test_every_declared_volume_is_used() -> None:
    used = {v.split(":")[0] for service in SERVICES.values() for v in service.get("volumes", ())}
    assert set(COMPOSE["volumes"]) <= used


@every_service
def test_what_a_service_waits_for_can_be_healthy(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert how == {"condition": "service_healthy"}


@every_own
def test_our_variables_are_settings_with_values_they_accept(name: str) -> None:
    for variable, value in OURS[name]["environment"].items():
        section, _, field = variable.removeprefix("JCOC_").lower().partition("__")
        model = model_of(section)
        assert field in model.model_fields, variable
        if value is not None and not str(value).startswith("$"):
            model.model_validate({field: value})


def model_of(section: str) -> type[BaseModel]:
    if section in discover():
        return discover()[section].settings
    model = Settings.model_fields[section].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    return model


@every_own
def test_our_commands_exist_with_the_options_they_are_given(name: str) -> None:
    subcommand, *arguments = OURS[name]["command"]
    with click.Context(main) as context:
        command = main.get_command(context, subcommand)
        assert command is not None
        command.make_context(subcommand, list(arguments), parent=context).close()


def test_the_tables_that_shipped_are_loaded_as_by_jcoc_up() -> None:
    assert "--shipped-tables" in OURS["worker"]["command"]


@every_own
def test_our_containers_can_do_little(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@every_own
def test_addresses_inside_point_to_services_and_ports_that_listen(name: str) -> None:
    inside = {"kafka": "19092", "registry": "8080"}
    environment = OURS[name]["environment"]
    assert environment["JCOC_KAFKA__BOOTSTRAP"] == f"kafka:{inside['kafka']}"
    assert f"//registry:{inside['registry']}/" in environment["JCOC_REGISTRY__URL"]
    assert f"//:{inside['kafka']}" in SERVICES["kafka"]["environment"]["KAFKA_LISTENERS"]
    assert SERVICES["registry"]["ports"][0].endswith(f":{inside['registry']}")


def test_no_secret_is_written_down() -> None:
    for service in OURS.values():
        for variable, value in service["environment"].items():
            if re.search(r"KEY|SECRET|PASSWORD|TOKEN", variable):
                assert value is None or value.startswith(f"${{{variable}:?")


def test_kafka_is_configured_as_in_the_local_stack() -> None:
    environment = SERVICES["kafka"]["environment"]
    local = dict(
        line.split("=", 1)
        for line in PROPERTIES.splitlines()
        if "=" in line and not line.startswith("#")
    )
    for key, value in local.items():
        if key not in ADDRESSES and key not in MACHINE_SIZE:
            assert environment.get(f"KAFKA_{key.replace('.', '_').upper()}") == value, key


def test_prometheus_scrapes_each_of_our_services_where_it_listens() -> None:
    config = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    targets = {
        target
        for job in config["scrape_configs"]
        for static in job["static_configs"]
        for target in static["targets"]
        if not target.startswith("localhost")
    }
    assert {target.split(":")[0] for target in targets} == set(OURS)
    for target in targets:
        name, _, port = target.partition(":")
        assert port in str(OURS[name]["healthcheck"]["test"])
        assert port in str(OURS[name]["command"]) + str(OURS[name]["environment"])


def test_grafana_finds_prometheus_and_the_board() -> None:
    folder = ROOT / "ops/grafana/provisioning"
    source = yaml.safe_load((folder / "datasources/prometheus.yaml").read_text(encoding="utf-8"))
    boards = yaml.safe_load((folder / "dashboards/jcoc.yaml").read_text(encoding="utf-8"))
    assert source["datasources"][0]["url"] == "http://prometheus:9090"
    assert source["datasources"][0]["uid"]
    assert source["datasources"][0]["editable"] is False
    provider = boards["providers"][0]
    assert provider["allowUiUpdates"] is False
    assert provider["options"]["foldersFromFilesStructure"] is True
    mounts = dict(
        volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"] if volume[0] == "."
    )
    assert mounts["./ops/grafana/dashboards"] == provider["options"]["path"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    inside = home.removeprefix(provider["options"]["path"])
    assert f"ops/grafana/dashboards{inside}" == BOARD


def test_the_image_is_locked_pinned_and_not_root() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base) for base in bases)
    syncs = re.findall(r"uv sync .*", DOCKERFILE)
    assert syncs
    assert all("--locked" in sync and "--no-dev" in sync for sync in syncs)
    assert re.search(r"uv==\d", DOCKERFILE)
    last = DOCKERFILE.split("FROM ")[-1]
    assert re.search(r"^USER (?!root)", last, re.MULTILINE)
    assert shlex.split(last.split("ENTRYPOINT ")[1].splitlines()[0]) == ["[jcoc]"]


def test_the_image_gets_every_package_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert admitted == packages | {"pyproject.toml", "uv.lock", "README.md"}
    assert all((ROOT / name).exists() for name in admitted)


def test_the_image_has_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {service["image"] for service in OURS.values()} == {
        f"{project['name']}:{project['version']}"
    }
