"""Settings: flags, then environment, then one TOML file, then the running local stack.

`load` merges these layers and remembers for each value which one it came from.  Environment
names are `JCOC_<SECTION>__<NAME>`; the TOML file has one table per section.  Tables and
variables named after a connector belong to that connector (see `Settings.connector`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel, PrivateAttr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from typing_extensions import override

from connectors.registry import names as connector_names
from jcoc.exits import Misconfigured
from jcoc.sections import Exporter, Kafka, Mqtt, Privacy, Registry, Stack, Webhook, Worker
from jcoc.stack.state import State

Layer = dict[str, dict[str, Any]]
AnyModel = TypeVar("AnyModel", bound=BaseModel)


class Settings(BaseSettings):
    """Everything a command may need to know about where it runs; frozen."""

    model_config = SettingsConfigDict(
        env_prefix="JCOC_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
    )

    kafka: Kafka = Kafka()
    registry: Registry = Registry()
    mqtt: Mqtt = Mqtt()
    stack: Stack = Stack()
    exporter: Exporter = Exporter()
    webhook: Webhook = Webhook()
    worker: Worker = Worker()
    privacy: Privacy = Privacy()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _tables: Layer = PrivateAttr(default_factory=dict)

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load` merged and nothing else, so that origins are true."""
        return (init_settings,)

    def origin(self, path: str) -> str:
        """Layer that set `path` ("kafka.bootstrap"): flag, environment, file, stack, default."""
        return self._origins.get(path, "default")

    def values(self) -> Iterator[tuple[str, Any]]:
        """Each setting as (path, value); secrets stay masked `SecretStr`."""
        for section in type(self).model_fields:
            part = getattr(self, section)
            for name in type(part).model_fields:
                yield f"{section}.{name}", getattr(part, name)

    def connector(self, name: str, model: type[AnyModel]) -> AnyModel:
        """Settings of connector `name`: its `JCOC_<NAME>__` variables, then its TOML table.

        Raises `Misconfigured` naming the setting that is missing or wrong.
        """
        set_outside = {key.lower() for key, value in os.environ.items() if value}
        table = {
            key: value
            for key, value in self._tables.get(name, {}).items()
            if f"jcoc_{name}__{key}".lower() not in set_outside
        }
        try:
            return model(**table)
        except ValidationError as error:
            raise Misconfigured(_explain(error, name)) from error


def current(flags: Mapping[str, Any] | None = None) -> Settings:
    """Settings of the running command; `flags` are its own options ("kafka.bootstrap": value)."""
    obj = click.get_current_context().find_root().obj
    config, given = (None, {}) if obj is None else (obj[0], dict(obj[1]))
    given.update((path, value) for path, value in (flags or {}).items() if value is not None)
    return load(config, given)


def load(config: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Merge all layers.

    `config` names a TOML file that must exist; without it `jcoc.toml` of the working directory
    is read if there is one.  `flags` maps paths ("kafka.bootstrap") to values.  Raises
    `Misconfigured` (exit 2) naming the setting and the layer it came from.
    """
    file = _file(config)
    tables = {name: file.pop(name) for name in connector_names() if name in file}
    layers = {"flag": _flags(flags or {}), "environment": _environment(), "file": file}
    layers["stack"] = _local(_merge(layers)[0])
    merged, origins = _merge(layers)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise Misconfigured(_explain(error, "", origins)) from error
    settings._origins.update(origins)  # noqa: SLF001 - filled once, by the only maker
    settings._tables.update(tables)  # noqa: SLF001
    return settings


def _flags(flags: Mapping[str, Any]) -> Layer:
    layer: Layer = {}
    for path, value in flags.items():
        section, _, name = path.partition(".")
        layer.setdefault(section, {})[name] = value
    return layer


def _environment() -> Layer:
    known = _sections()
    for variable in os.environ:
        section, nested, _ = variable.removeprefix("JCOC_").lower().partition("__")
        if variable.startswith("JCOC_") and nested and section not in known:
            raise Misconfigured(f"environment {variable}: {_unknown(section, known)}")
    layer: Layer = EnvSettingsSource(Settings)()
    return layer


def _file(config: Path | None) -> Layer:
    path = config or Path("jcoc.toml")
    if config is None and not path.exists():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path}: {error}") from error
    for section, table in tables.items():
        if not isinstance(table, dict):
            raise Misconfigured(f"{path}: {section} stands outside of a [section]")
    return tables


def _local(merged: Layer) -> Layer:
    """What the stack running in the data folder adds to the parts that nobody set."""
    state = State.running(Path(merged.get("stack", {}).get("data", Stack().data)))
    return {} if state is None else state.settings()


def _merge(layers: Mapping[str, Layer]) -> tuple[Layer, dict[str, str]]:
    merged: Layer = {}
    origins: dict[str, str] = {}
    for origin, layer in layers.items():
        for section, table in layer.items():
            target = merged.setdefault(section, {})
            for name, value in table.items():
                if name not in target:
                    target[name] = value
                    origins[f"{section}.{name}"] = origin
    return merged, origins


def _explain(error: ValidationError, within: str, origins: Mapping[str, str] | None = None) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        path = ".".join(str(step) for step in ((within,) if within else ()) + problem["loc"])
        origin = (origins or {}).get(path, "")
        why = problem["msg"]
        if problem["type"] == "extra_forbidden":
            why = _unknown(str(problem["loc"][-1]), _siblings(path))
        lines.append(f"{path}{f' ({origin})' if origin else ''}: {why}")
    return "bad configuration\n  " + "\n  ".join(lines)


def _siblings(path: str) -> set[str]:
    section, _, name = path.partition(".")
    field = Settings.model_fields.get(section)
    if not name or field is None or not isinstance(field.annotation, type):
        return _sections()
    return set(field.annotation.model_fields) if issubclass(field.annotation, BaseModel) else set()


def _sections() -> set[str]:
    return set(Settings.model_fields).union(connector_names())


def _unknown(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"no such setting{f'; did you mean {near[0]}?' if near else ''}"
