"""Where a job runs: a fresh stack and a folder of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.watched import Watched
from wire.config import Kafka


class Spawn(Protocol):
    """Starts a child with both outputs in `log`; its pid.  It dies with us, however we die."""

    def __call__(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> int:
        """`environment` is all that the child gets."""


@dataclass(frozen=True, slots=True)
class Place:
    """A running stack, empty at first; `folder` keeps logs and is removed at the end.

    `pids` are the processes of the stack's parts, `port` gives a free one of loopback.
    """

    kafka: Kafka
    registry_url: str
    mqtt_port: int | None
    folder: Path
    pids: Mapping[str, int]
    port: Callable[[], int]
    spawn: Spawn

    def jcoc(self, name: str, *arguments: str) -> Watched:
        """A command of the backbone, pointed at this stack; `name` is that of its log."""
        told = {
            "JCOC_STACK__DATA": str(self.folder / "none"),
            "JCOC_KAFKA__BOOTSTRAP": self.kafka.bootstrap,
            "JCOC_KAFKA__PARTITIONS": str(self.kafka.partitions),
            "JCOC_REGISTRY__URL": self.registry_url,
            "JCOC_PRIVACY__PSEUDONYM_KEY": "only for measuring",
        }
        if self.mqtt_port is not None:
            told["JCOC_MQTT__PORT"] = str(self.mqtt_port)
        return self.python(name, "jcoc", *arguments, told=told)

    def python(
        self, name: str, module: str, *arguments: str, told: Mapping[str, str] | None = None
    ) -> Watched:
        """A module as a process, without the caller's own settings."""
        return self.run(name, [sys.executable, "-m", module, *arguments], told)

    def run(
        self, name: str, command: Sequence[str], told: Mapping[str, str] | None = None
    ) -> Watched:
        """Any program as a process; the first word of `command` is its path."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("JCOC_")}
        log = self.folder / f"{name}.log"
        return Watched(name, self.spawn(command, log, {**inherited, **(told or {})}), log)


Places = Callable[[Collection[str]], AbstractContextManager[Place]]
"""Opens a new place with the named parts of the stack; closing it stops and removes all."""

Tell = Callable[[str], None]
"""Says what is being done, for people who wait."""
