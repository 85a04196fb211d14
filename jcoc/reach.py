"""From settings to the broker and back to an exit code."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from core.outcome import Retry
from jcoc.exits import Away
from jcoc.settings import Settings
from wire.config import Kafka
from wire.registry import Registry

Result = TypeVar("Result")

PATIENCE_S = 3.0
"""How long a command that a person waits for tries to reach the broker or the registry."""


def kafka(settings: Settings) -> Kafka:
    """The cluster of the settings.  Raises Away (exit 3) when none is set and none runs."""
    section = settings.kafka
    return Kafka(
        bootstrap=section.brokers(),
        security_protocol=section.security_protocol,
        sasl_mechanism=section.sasl_mechanism,
        username=section.username or None,
        password=section.password.get_secret_value() or None,
        ssl_cafile=str(section.ssl_cafile) if section.ssl_cafile else None,
        partitions=section.partitions,
    )


def registry(settings: Settings) -> Registry:
    """The schema registry of the settings.  Raises Away (exit 3) as `kafka` does."""
    return Registry(settings.registry.address())


def wait_for(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work; when the world is away, exit 3 with what to do about it."""
    # aiokafka logs each refused connection; the command says it once, at the end.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        return asyncio.run(work)
    except Retry as away:
        raise Away(
            f"{away}\nStart the local stack with `jcoc up`, or set JCOC_KAFKA__BOOTSTRAP and "
            "JCOC_REGISTRY__URL to a running one."
        ) from away
