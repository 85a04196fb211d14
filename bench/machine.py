"""The machine that was measured on: numbers mean nothing without it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

_PACKAGES = ("faust-streaming", "aiokafka", "pyarrow", "pyruhvro", "amqtt")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader needs to judge the numbers; memory in MiB."""

    cpu: str
    cores: int
    memory_mib: int
    system: str
    python: str
    kafka: str
    packages: dict[str, str]
    java: str
    """Of the peers in Java; empty when there is none."""
    load_before: float
    """Load average of the minute before: what others did on the machine when we began."""

    @classmethod
    def here(cls, kafka: str) -> Machine:
        """This machine; `kafka` is the broker's version."""
        return cls(
            cpu=_cpu(),
            cores=len(os.sched_getaffinity(0)),
            memory_mib=psutil.virtual_memory().total // 2**20,
            system=f"{platform.system()} {platform.release()} {platform.machine()}",
            python=platform.python_version(),
            kafka=kafka,
            packages={name: version(name) for name in _PACKAGES},
            java=_java(),
            load_before=round(os.getloadavg()[0], 2),
        )

    @property
    def shared(self) -> bool:
        """Whether others used a good part of it: then times say more about them than about us."""
        return self.load_before > self.cores / 4

    def __str__(self) -> str:
        """One sentence."""
        shared = "; it was shared with other work" if self.shared else ""
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        return (
            f"{self.cores} cores ({self.cpu}), {self.memory_mib / 1024:.0f} GiB, {self.system}, "
            f"Python {self.python}, Java {self.java or 'none'}, Apache Kafka {self.kafka}, "
            f"{packages}; load average {self.load_before} before it began{shared}."
        )


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        return ""
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "([^"]+)"', told)
    return found[1] if found else ""


def _cpu() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.processor() or "unknown"
