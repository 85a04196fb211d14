"""The sections of the settings, one class each; docstrings are their manual."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from core import topics
from jcoc.exits import Away, Misconfigured

Port = Annotated[int, Field(ge=1, le=65535)]
OpenPort = Annotated[int, Field(ge=0, le=65535)]


class Section(BaseModel):
    """A table of settings: frozen, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jcoc"


class Kafka(Section):
    """Where Kafka is.  Without `bootstrap` the running local stack is used."""

    bootstrap: str = ""
    """host:port[,host:port...] of the brokers."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How the connection is protected."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    """SASL mechanism; used when the protocol is a SASL one."""
    username: str = ""
    """SASL user."""
    password: SecretStr = SecretStr("")
    """SASL password."""
    ssl_cafile: Path | None = None
    """PEM file of the authority that signed the brokers' certificates."""
    partitions: Annotated[int, Field(ge=1, le=topics.MOST_PARTITIONS)] = topics.PARTITIONS
    """Partitions of each keyed topic when it is created, and so the most workers with a share."""

    def brokers(self) -> str:
        """Bootstrap servers, or `Away` (exit 3) saying how to get some."""
        if not self.bootstrap:
            raise Away("no Kafka: run `jcoc up`, or set JCOC_KAFKA__BOOTSTRAP to your cluster")
        return self.bootstrap


class Registry(Section):
    """Where the schema registry is (Confluent API)."""

    url: str = ""
    """Base URL, such as http://127.0.0.1:8081/apis/ccompat/v7."""

    def address(self) -> str:
        """Base URL, or `Away` (exit 3) saying how to get one."""
        if not self.url:
            raise Away("no schema registry: run `jcoc up`, or set JCOC_REGISTRY__URL")
        return self.url


class Mqtt(Section):
    """Where the MQTT broker is."""

    host: str = "127.0.0.1"
    """Host name or address."""
    port: Port = 1883
    """TCP port."""


class Stack(Section):
    """The local stack of `jcoc up`."""

    home: Path = Field(default_factory=_cache)
    """Folder for downloads, shared by all stacks."""
    data: Path = Path(".jcoc")
    """Folder for this stack's state, logs and data."""
    repository: str = ""
    """Maven repository to download from; empty is Maven Central."""
    kafka_port: OpenPort = 0
    """Port of the broker on loopback; 0 chooses a free one."""
    kafka_heap_mib: Annotated[int, Field(ge=256)] = 384
    """Heap of the broker in MiB."""
    registry_port: OpenPort = 0
    """Port of the registry on loopback; 0 chooses a free one."""
    mqtt_port: OpenPort = 0
    """Port of the MQTT broker on loopback; 0 chooses a free one."""


class Exporter(Section):
    """Where `/metrics` is served."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: OpenPort = 9464
    """TCP port; 0 chooses a free one."""


class Webhook(Section):
    """The receiver of pushed events."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: OpenPort = 8480
    """TCP port; 0 chooses a free one."""
    max_body_bytes: Annotated[int, Field(ge=1)] = 1_048_576
    """Larger bodies are answered with HTTP 413."""


class Worker(Section):
    """The stream worker."""

    datadir: Path = Path(".jcoc/worker")
    """Folder for local state; each worker process needs its own."""
    clock: Literal["wall", "none"] = "wall"
    """Who ticks: `wall` emits clock.tick as time goes by, `none` leaves it to the source."""
    instance: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,200}$")] = ""
    """Lasting name of this process in its group: after a restart it has the same partitions."""


class Privacy(Section):
    """Pseudonyms of persons (convention C13)."""

    pseudonym_key: SecretStr = SecretStr("")
    """Secret key of the pseudonyms; `jcoc up` makes one for the local stack."""
    pseudonym_version: Annotated[str, Field(pattern=r"^[a-z0-9]+$")] = "p1"
    """Name of the key; part of each pseudonym, so keys can be rotated."""

    def key(self) -> bytes:
        """Key bytes, or `Misconfigured` (exit 2): pseudonyms without a secret protect nobody."""
        if not self.pseudonym_key.get_secret_value():
            raise Misconfigured("privacy.pseudonym_key is not set: JCOC_PRIVACY__PSEUDONYM_KEY")
        return self.pseudonym_key.get_secret_value().encode()
