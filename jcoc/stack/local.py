"""`LocalStack`: starts, watches and stops the parts in one data folder."""

from __future__ import annotations

import fcntl
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from jcoc.exits import Away
from jcoc.sections import Stack
from jcoc.stack import artifacts, kafka, mqtt, registry
from jcoc.stack.artifacts import Progress, silent
from jcoc.stack.process import end, free_port, listens, spawn
from jcoc.stack.state import CCOMPAT, KEY_FILE, Part, State, born

PARTS = ("kafka", "registry", "mqtt")
HEALTHY: Mapping[str, Callable[[int], bool]] = {
    "kafka": kafka.healthy,
    "registry": registry.healthy,
    "mqtt": mqtt.healthy,
}
PATIENCE = 120.0
"""Seconds until a part that does not answer is given up."""
TRIES = 3


@dataclass(frozen=True, slots=True)
class Status:
    """One part as it is now; `pid` is None and `address` empty when it does not run."""

    part: str
    address: str
    pid: int | None
    healthy: bool
    log: str


class LocalStack:
    """Kafka, Apicurio Registry and an MQTT broker on loopback, with their data in one folder.

    Parts die with this process, unless `outlive`.  Call it from the main thread (the kernel
    ties a child to the thread that started it).  Methods block; they raise `Away` when a part
    cannot be fetched or does not come up.  As a context manager it stops what it holds at the end.
    """

    def __init__(
        self,
        data: Path,
        home: Path | None = None,
        *,
        ports: Mapping[str, int] | None = None,
        repository: str = "",
        outlive: bool = False,
        progress: Progress = silent,
        heap_mib: int = Stack.model_fields["kafka_heap_mib"].default,
        broker: Mapping[str, str] | None = None,
    ) -> None:
        """`home` holds downloads (default: the user's cache); `ports` fixes some parts' ports.

        `heap_mib` is Kafka's; `broker` are properties of it that differ from the stack's own.
        """
        self.data = data.absolute()
        self.home = (home or Stack().home).absolute()
        self.ports = {part: port for part, port in (ports or {}).items() if port}
        self.repository = repository
        self.outlive = outlive
        self.progress = progress
        self.heap_mib = heap_mib
        self.broker = dict(broker or {})

    @classmethod
    def configured(
        cls, stack: Stack, *, outlive: bool = False, progress: Progress = silent
    ) -> Self:
        """The stack that the settings describe."""
        ports = {
            "kafka": stack.kafka_port,
            "registry": stack.registry_port,
            "mqtt": stack.mqtt_port,
        }
        return cls(
            stack.data,
            stack.home,
            ports=ports,
            repository=stack.repository,
            heap_mib=stack.kafka_heap_mib,
            outlive=outlive,
            progress=progress,
        )

    def __enter__(self) -> Self:
        """Hold the stack; nothing is started yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.stop()

    @property
    def bootstrap(self) -> str:
        """Bootstrap server of Kafka."""
        return f"127.0.0.1:{self._part('kafka').port}"

    @property
    def registry_url(self) -> str:
        """Base URL of the registry's Confluent API."""
        return f"http://127.0.0.1:{self._part('registry').port}{CCOMPAT}"

    @property
    def mqtt_port(self) -> int:
        """Port of the MQTT broker."""
        return self._part("mqtt").port

    def start(self, parts: Collection[str] = PARTS, *, wait: bool = True) -> None:
        """Start the parts that do not run yet; with `wait`, return when all of them answer.

        If it fails or is interrupted, what it started is stopped again.
        """
        with self._alone(), ExitStack() as undo:
            self._key()
            new = [name for name in PARTS if name in parts and self._living(name) is None]
            self._fetch(new)
            undo.callback(self.stop, new)
            # Kafka comes last: its folder is formatted while the others start.
            for name in reversed(new):
                self._spawn(name)
            if wait:
                self._await(parts)
            undo.pop_all()

    def stop(self, parts: Collection[str] = PARTS, *, kill9: bool = False) -> None:
        """Stop the parts that run; data and logs stay."""
        living = [part.process for name in parts if (part := self._living(name))]
        end([process for process in living if process], kill=kill9)

    def restart_broker(self, *, kill9: bool = False) -> None:
        """Stop Kafka, gracefully or with SIGKILL, and start it on the same port and data."""
        port = self._part("kafka").port
        self.stop({"kafka"}, kill9=kill9)
        self.ports["kafka"] = port
        self.start({"kafka"})

    def status(self) -> list[Status]:
        """Every part as it is now."""
        return [self._status(name) for name in PARTS]

    def _status(self, name: str) -> Status:
        part = self._living(name)
        log = str(self._log(name))
        if part is None:
            return Status(name, "", None, healthy=False, log=log)
        address = self.registry_url if name == "registry" else f"127.0.0.1:{part.port}"
        return Status(name, address, part.pid, healthy=_well(part), log=log)

    def _known(self) -> dict[str, Part]:
        state = State.read(self.data)
        return {} if state is None else state.parts

    def _part(self, name: str) -> Part:
        part = self._known().get(name)
        if part is None:
            raise Away(f"{name} was not started in {self.data}: run `jcoc up`")
        return part

    def _living(self, name: str) -> Part | None:
        part = self._known().get(name)
        return part if part is not None and part.process else None

    def _log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"

    def _spawn(self, name: str) -> None:
        last = self._known().get(name)
        port = self.ports.get(name) or free_port(last.port if last else 0)
        pid = spawn(self._command(name, port), self._log(name), outlive=self.outlive)
        part = Part(name, pid, born(pid) or 0, port, str(self._log(name)))
        state = State.running(self.data) or State(self.data, time.time())
        replace(state, parts={**self._known(), name: part}).write()

    def _fetch(self, parts: Collection[str]) -> None:
        """Downloads come before processes: an interrupted one leaves nothing running."""
        if "kafka" in parts:
            artifacts.jars(self.home, self.repository, self.progress)
        if "registry" in parts:
            artifacts.application(self.home, self.repository, self.progress)

    def _command(self, name: str, port: int) -> list[str]:
        if name == "kafka":
            return kafka.command(
                artifacts.jars(self.home), self.data, port, self.heap_mib, self.broker
            )
        if name == "registry":
            return registry.command(artifacts.application(self.home), self.data, port)
        return mqtt.command(port)

    def _await(self, parts: Collection[str]) -> None:
        deadline = time.monotonic() + PATIENCE
        again = dict.fromkeys(parts, TRIES)
        waiting = set(parts)
        while waiting:
            for name in sorted(waiting):
                part = self._living(name)
                if part is None:
                    again[name] -= 1
                    self._retry(name, left=again[name])
                elif _well(part):
                    waiting.discard(name)
            if waiting and time.monotonic() > deadline:
                late = ", ".join(sorted(waiting))
                raise Away(f"{late}: no answer in {PATIENCE:.0f} s{self._tail(waiting)}")
            time.sleep(0.05)

    def _retry(self, name: str, *, left: int) -> None:
        """Another process may have taken the port between our look and its use."""
        if left <= 0 or not self._port_was_taken(name):
            raise Away(f"{name} ended at once{self._tail([name])}")
        self._spawn(name)

    def _port_was_taken(self, name: str) -> bool:
        taken = ("address already in use", "bindexception", "already bound", "errno 98")
        tail = self._tail([name]).lower()
        return name not in self.ports and any(sign in tail for sign in taken)

    def _tail(self, names: Collection[str]) -> str:
        lines = []
        for name in names:
            log = self._log(name)
            text = log.read_text(errors="replace") if log.exists() else ""
            lines += [f"\n{log} ends with:", *text.splitlines()[-12:]]
        return "\n  ".join(lines)

    def _key(self) -> None:
        """Pseudonyms need a secret; a stack makes its own once."""
        key = self.data / KEY_FILE
        if not key.exists():
            key.touch(mode=0o600)
            key.write_text(secrets.token_hex(32) + "\n")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _well(part: Part) -> bool:
    # Who answers on the port could be somebody else who took it first.
    return listens(part.pid, part.port) and HEALTHY[part.name](part.port)
