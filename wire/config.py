"""How a Kafka cluster is reached, and how the backbone is laid out on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiokafka.helpers import create_ssl_context

from core import topics


@dataclass(frozen=True)
class Kafka:
    """Address and credentials of one cluster; names follow librdkafka and aiokafka.

    `security_protocol` is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; `sasl_mechanism` PLAIN,
    SCRAM-SHA-256 or SCRAM-SHA-512; `ssl_cafile` a PEM file, the system's authorities without.
    `partitions` is how many each keyed topic is created with; who only reads asks Kafka.
    """

    bootstrap: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ssl_cafile: str | None = None
    partitions: int = topics.PARTITIONS

    def client(self) -> dict[str, Any]:
        """Keyword arguments that every aiokafka client takes."""
        keywords: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.endswith("SSL"):
            keywords["ssl_context"] = create_ssl_context(cafile=self.ssl_cafile)
        if self.security_protocol.startswith("SASL"):
            keywords["sasl_mechanism"] = self.sasl_mechanism or "PLAIN"
            keywords["sasl_plain_username"] = self.username
            keywords["sasl_plain_password"] = self.password
        return keywords
