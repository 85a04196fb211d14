"""A process under measurement, watched from outside: its log, its CPU time, its peak memory."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from core.outcome import Halt

_LOOK_S = 0.01
_STOP_S = 20.0


class Watched:
    """A started child of ours; as a context manager it is stopped at the end."""

    def __init__(self, name: str, pid: int, log: Path) -> None:
        """`log` takes both of its outputs."""
        self.name = name
        self.log = log
        self._process = psutil.Process(pid)

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ask it to end, then make it."""
        try:
            self._process.terminate()
            self._process.wait(_STOP_S)
        except psutil.TimeoutExpired:
            self._process.kill()
            self._process.wait(_STOP_S)
        except psutil.NoSuchProcess:
            return

    async def said(
        self, pattern: str, *, patience_s: float = 120.0, beside: Sequence[Self] = ()
    ) -> re.Match[str]:
        """The first match in its log, or in that of one `beside` it.

        Raises Halt when it ends or all stay silent.
        """
        end = time.monotonic() + patience_s
        while True:
            self.check()
            for one in (self, *beside):
                if found := re.search(pattern, one.text()):
                    return found
            if time.monotonic() > end:
                raise Halt(f"{self.name} did not say {pattern!r}{self._tail()}")
            await asyncio.sleep(_LOOK_S)

    def check(self) -> None:
        """Raises Halt when the process has ended: nothing more can be measured."""
        if not self._alive():
            raise Halt(f"{self.name} ended by itself{self._tail()}")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def ended(self, patience_s: float = 60.0) -> None:
        """Return when it has ended.  Raises Halt when it does not."""
        end = time.monotonic() + patience_s
        while self._alive():
            if time.monotonic() > end:
                raise Halt(f"{self.name} does not end{self._tail()}")
            await asyncio.sleep(_LOOK_S)

    def text(self) -> str:
        """What it has logged until now."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def rss_mib(self) -> float:
        """Memory that it holds now."""
        return float(self._process.memory_info().rss) / 2**20

    def cpu_s(self) -> float:
        """Seconds of CPU, user and system, of all its threads so far."""
        return cpu_s(self._process)

    def peak_rss_mib(self) -> float:
        """The most memory that it ever held, as the kernel kept it (VmHWM)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        if found is None:
            raise Halt("the kernel does not tell VmHWM: measure on Linux")
        return int(found[1]) / 1024

    def _alive(self) -> bool:
        try:
            return self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def _tail(self) -> str:
        return "\n  ".join([f"; {self.log} ends with:", *self.text().splitlines()[-12:]])


def cpu_s(process: psutil.Process) -> float:
    """Seconds of CPU that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)
