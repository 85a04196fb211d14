"""Processes of the stack and their ports."""

from __future__ import annotations

import os
import random
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

# Below the ephemeral range of Linux: a client that keeps trying a dead port of that range may
# connect to itself, and then the broker cannot have its port back.
FREE = range(15_000, 32_000)


def spawn(
    command: Sequence[str],
    log: Path,
    *,
    outlive: bool,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Start `command` in a session of its own, with both outputs appended to `log`; its pid.

    Ctrl-C at the terminal does not reach it.  Unless `outlive`, it is killed when the calling
    thread's process dies; so call this from the main thread.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if not outlive:
        guard = str(Path(__file__).with_name("guard.py"))
        command = [sys.executable, "-I", "-S", guard, str(os.getpid()), *command]
    write = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        command[0],
        list(command),
        os.environ if environment is None else environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), write, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def end(processes: Iterable[psutil.Process], *, kill: bool, patience: float = 20.0) -> None:
    """Ask all to end, or kill them at once; who does not end in `patience` seconds is killed."""
    left = list(processes)
    for process in left:
        _signal(process, kill=kill)
    _, left = psutil.wait_procs(left, timeout=patience)
    for process in left:
        _signal(process, kill=True)
    psutil.wait_procs(left, timeout=patience)


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.NoSuchProcess:
        return


def listens(pid: int, port: int) -> bool:
    """True if this very process listens on `port`."""
    try:
        sockets = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(s.status == psutil.CONN_LISTEN and s.laddr.port == port for s in sockets)


def free_port(preferred: int = 0) -> int:
    """`preferred` if nobody listens there, else any free port of loopback."""
    tries = [preferred] if preferred else []
    tries += random.sample(FREE, 100)  # not a secret, and not part of any number
    for port in tries:
        if _free(port):
            return port
    raise OSError(f"no free port on 127.0.0.1 in {FREE.start}-{FREE.stop}")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
