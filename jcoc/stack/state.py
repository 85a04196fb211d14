"""What is known about a stack between commands: `stack.json` in its data folder."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

FILE = "stack.json"
KEY_FILE = "pseudonym.key"
CCOMPAT = "/apis/ccompat/v7"


@dataclass(frozen=True, slots=True)
class Part:
    """One process.  `born` (kernel ticks) tells it from a later one with the same pid."""

    name: str
    pid: int
    born: int
    port: int
    log: str

    @property
    def process(self) -> psutil.Process | None:
        """The process if it still lives."""
        if born(self.pid) != self.born:
            return None
        try:
            process = psutil.Process(self.pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else process
        except psutil.NoSuchProcess:
            return None


def born(pid: int) -> int | None:
    """Start of a process in kernel ticks since boot: unlike a time, no clock change moves it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])


@dataclass(frozen=True, slots=True)
class State:
    """A stack's processes and since when they run (seconds since the epoch)."""

    data: Path
    started: float
    parts: dict[str, Part] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Path) -> State | None:
        """State of the folder, or None if no stack was left there."""
        try:
            content = json.loads((data / FILE).read_text())
        except FileNotFoundError:
            return None
        parts = {name: Part(**part) for name, part in content["parts"].items()}
        return cls(data.absolute(), content["started"], parts)

    @classmethod
    def running(cls, data: Path) -> State | None:
        """Only the parts that live; None if there is none."""
        state = cls.read(data)
        if state is None:
            return None
        alive = {name: part for name, part in state.parts.items() if part.process}
        return replace(state, parts=alive) if alive else None

    def write(self) -> None:
        """Replace the file at once, so that no reader sees half of it."""
        self.data.mkdir(parents=True, exist_ok=True)
        content = {"started": self.started, "parts": {n: asdict(p) for n, p in self.parts.items()}}
        draft = self.data / f"{FILE}.{os.getpid()}"
        draft.write_text(json.dumps(content, indent=2) + "\n")
        draft.replace(self.data / FILE)

    def settings(self) -> dict[str, dict[str, Any]]:
        """Settings that point at this stack."""
        found: dict[str, dict[str, Any]] = {}
        for name, part in self.parts.items():
            address = f"127.0.0.1:{part.port}"
            if name == "kafka":
                found["kafka"] = {"bootstrap": address}
            elif name == "registry":
                found["registry"] = {"url": f"http://{address}{CCOMPAT}"}
            elif name == "mqtt":
                found["mqtt"] = {"host": "127.0.0.1", "port": part.port}
        key = self.data / KEY_FILE
        if key.exists():
            found["privacy"] = {"pseudonym_key": key.read_text().strip()}
        return found
