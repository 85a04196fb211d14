"""Settings: which layer wins, what is refused, what stays secret."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from jcoc.exits import Away, Misconfigured
from jcoc.main import main
from jcoc.settings import load
from jcoc.stack.state import Part, State, born


def _local_stack(data: Path) -> None:
    """A stack whose processes live: this one."""
    pid = os.getpid()
    ticks = born(pid)
    assert ticks is not None
    parts = {name: Part(name, pid, ticks, 20_000, "log") for name in ("kafka", "registry", "mqtt")}
    State(data, 0.0, parts).write()


@pytest.mark.parametrize("number", ["0", "129", "many"])
def test_a_number_of_partitions_that_no_city_can_have_is_refused(number: str) -> None:
    with pytest.raises(Misconfigured, match=r"kafka\.partitions \(flag\)"):
        load(flags={"kafka.partitions": number})
    assert load(flags={"kafka.partitions": "48"}).kafka.partitions == 48


def test_a_flag_wins_over_environment_and_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("jcoc.toml").write_text('[kafka]\nbootstrap = "file:1"\nusername = "file"\n')
    monkeypatch.setenv("JCOC_KAFKA__BOOTSTRAP", "env:1")
    monkeypatch.setenv("JCOC_KAFKA__USERNAME", "env")
    settings = load(flags={"kafka.bootstrap": "flag:1"})
    assert (settings.kafka.bootstrap, settings.kafka.username) == ("flag:1", "env")
    assert settings.origin("kafka.bootstrap") == "flag"
    assert settings.origin("kafka.username") == "environment"
    assert settings.origin("kafka.password") == "default"


def test_the_file_wins_over_the_running_stack() -> None:
    _local_stack(Path(".jcoc"))
    Path("jcoc.toml").write_text('[kafka]\nbootstrap = "file:1"\n')
    settings = load()
    assert (settings.kafka.bootstrap, settings.origin("kafka.bootstrap")) == ("file:1", "file")
    assert settings.registry.url == "http://127.0.0.1:20000/apis/ccompat/v7"
    assert settings.origin("registry.url") == "stack"


def test_the_running_stack_is_found_in_its_data_folder(tmp_path: Path) -> None:
    _local_stack(tmp_path / "elsewhere")
    assert load().kafka.bootstrap == ""
    found = load(flags={"stack.data": str(tmp_path / "elsewhere")})
    assert (found.kafka.bootstrap, found.mqtt.port) == ("127.0.0.1:20000", 20_000)


def test_a_stack_that_died_is_not_used() -> None:
    State(Path(".jcoc"), 0.0, {"kafka": Part("kafka", os.getpid(), 1, 20_000, "log")}).write()
    assert load().kafka.bootstrap == ""


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JCOC_MQTT__PORT", "")
    assert load().mqtt.port == 1883


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("JCOC_MQTT__PORT", "70000", "mqtt.port (environment)"),
        ("JCOC_MQTT__PORT", "many", "mqtt.port (environment)"),
        ("JCOC_KAFKA__BOTSTRAP", "x:1", "did you mean bootstrap?"),
        ("JCOC_KFKA__BOOTSTRAP", "x:1", "did you mean kafka?"),
        ("JCOC_WORKER__CLOCK", "sundial", "worker.clock (environment)"),
    ],
)
def test_a_wrong_variable_stops_with_exit_2_and_is_named(
    variable: str, value: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    result = CliRunner().invoke(main, ["config"])
    assert result.exit_code == 2
    assert named in result.stderr


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[mqtt]\nport = 0\n", "mqtt.port (file)"),
        ("[mqtt]\nprot = 1\n", "did you mean port?"),
        ("[mqqt]\nport = 1\n", "did you mean mqtt?"),
        ("mqtt = 1\n", "mqtt stands outside"),
        ("[mqtt\n", "jcoc.toml"),
    ],
)
def test_a_wrong_file_stops_with_exit_2_and_names_the_setting(content: str, named: str) -> None:
    Path("jcoc.toml").write_text(content)
    result = CliRunner().invoke(main, ["config"])
    assert result.exit_code == 2
    assert named in result.stderr


def test_a_named_file_must_exist() -> None:
    with pytest.raises(Misconfigured, match=r"absent\.toml"):
        load(Path("absent.toml"))


def test_the_file_can_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.toml").write_text("[mqtt]\nport = 1\n")
    monkeypatch.setenv("JCOC_CONFIG", "other.toml")
    shown = json.loads(CliRunner().invoke(main, ["config", "--json"]).stdout)
    assert shown["mqtt.port"] == {"value": 1, "origin": "file"}


def test_secrets_are_never_shown() -> None:
    flags = ["--set", "kafka.password=hunter2", "--set", "privacy.pseudonym_key=hunter2"]
    for command in (["config"], ["config", "--json"]):
        result = CliRunner().invoke(main, [*flags, *command])
        assert result.exit_code == 0
        assert "hunter2" not in result.output


def test_a_missing_broker_is_exit_3_and_says_what_to_do() -> None:
    with pytest.raises(Away, match="jcoc up") as away:
        load().kafka.brokers()
    assert away.value.exit_code == 3


def test_pseudonyms_without_a_key_are_refused() -> None:
    with pytest.raises(Misconfigured, match="JCOC_PRIVACY__PSEUDONYM_KEY"):
        load().privacy.key()


class _Connector(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="JCOC_GLASGOW__")
    token: SecretStr
    city: str = "glasgow"


def test_a_connector_takes_its_table_unless_the_environment_says_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jcoc.settings.connector_names", lambda: frozenset({"glasgow"}))
    Path("jcoc.toml").write_text('[glasgow]\ntoken = "file"\ncity = "file"\n')
    monkeypatch.setenv("JCOC_GLASGOW__CITY", "env")
    found = load().connector("glasgow", _Connector)
    assert (found.token.get_secret_value(), found.city) == ("file", "env")


def test_a_connector_without_a_needed_setting_says_which() -> None:
    with pytest.raises(Misconfigured, match=r"glasgow\.token"):
        load().connector("glasgow", _Connector)
