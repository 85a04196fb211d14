"""The processes of the demonstration: the stack, and the backbone's own commands beside it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from jcoc.exits import Away
from jcoc.stack.local import LocalStack
from jcoc.stack.process import end, free_port, spawn
from wire.config import Kafka

SECRET = "whsec_ZGVtb25zdHJhdGlvbiBzZWNyZXQgb2YgMzIgYnl0ZXM="
KEY = "a key for the demonstration, nobody's secret"
KEY_VERSION = "demo1"


@dataclass
class Parts:
    """Starts and ends what the demonstration runs; `end` leaves no process behind."""

    stack: LocalStack
    folder: Path
    webhook_port: int = field(default_factory=free_port)
    worker_port: int = field(default_factory=free_port)
    exporter_port: int = field(default_factory=free_port)
    _children: dict[str, psutil.Process] = field(default_factory=dict)

    @property
    def kafka(self) -> Kafka:
        """The stack's cluster."""
        return Kafka(self.stack.bootstrap)

    def start(self) -> None:
        """Start worker, connectors and exporter."""
        state = str(self.folder / "state")
        metrics = ("--metrics-port", str(self.worker_port))
        self._spawn("worker", "worker", "--clock", "none", "--datadir", state, *metrics)
        sources = ("frigate", "sikesal", "sipaten")
        self._spawn("connect", "connect", *sources, "--webhook-port", str(self.webhook_port))
        self._spawn("exporter", "exporter", "--port", str(self.exporter_port))

    def check(self) -> None:
        """Raises Away naming the log of a process that has ended by itself."""
        for name, child in self._children.items():
            if not child.is_running() or child.status() == psutil.STATUS_ZOMBIE:
                raise Away(f"{name} ended by itself; its last words are in {self._log(name)}")

    def end(self) -> None:
        """End the children, then the stack."""
        end(self._children.values(), kill=False, patience=5.0)
        self._children.clear()
        self.stack.stop()

    def memory_bytes(self) -> int:
        """Resident memory of everything that runs, this process included."""
        pids = [child.pid for child in self._children.values()]
        pids += [status.pid for status in self.stack.status() if status.pid]
        total = psutil.Process().memory_info().rss
        for pid in pids:
            try:
                total += psutil.Process(pid).memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def _spawn(self, name: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "jcoc", *arguments]
        pid = spawn(command, self._log(name), outlive=False, environment=self.environment())
        self._children[name] = psutil.Process(pid)

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def environment(self) -> dict[str, str]:
        """The user's own settings must not reach the demonstration."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("JCOC_")}
        return inherited | {
            "JCOC_STACK__DATA": str(self.folder / "none"),
            "JCOC_KAFKA__BOOTSTRAP": self.stack.bootstrap,
            "JCOC_REGISTRY__URL": self.stack.registry_url,
            "JCOC_FRIGATE__HOST": "127.0.0.1",
            "JCOC_FRIGATE__PORT": str(self.stack.mqtt_port),
            "JCOC_SIKESAL__SECRET": SECRET,
            "JCOC_SIPATEN__SECRET": SECRET,
            "JCOC_PRIVACY__PSEUDONYM_KEY": KEY,
            "JCOC_PRIVACY__PSEUDONYM_VERSION": KEY_VERSION,
        }
