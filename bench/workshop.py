"""Builds what peers need: an environment of their own, a jar.  Nothing of it is committed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.attempt import Missing
from bench.place import Place

PEERS = Path(__file__).resolve().parent / "peers"
ROOT = PEERS.parent.parent
_PATIENCE_S = 600
_STREAMS = PEERS / "streams"


def python_of(place: Place, name: str) -> Path:
    """A Python with the locked requirements of `peers/<name>.txt`; made once a place.

    They are not in the backbone's own environment, because they ask for other versions of
    what the worker needs.  Raises Missing.
    """
    home = place.folder / f"venv-{name}"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        uv = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
        if not Path(uv).exists():
            raise Missing("no uv to install it with: make install")
        _run("its environment", [uv, "venv", "--quiet", "--python", sys.executable, str(home)])
        locked = str(PEERS / f"{name}.txt")
        install = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(python)]
        _run(f"{name}.txt for this Python", [*install, "--link-mode=copy", "-r", locked])
        (home / "ready").touch()
    return python


def streams(place: Place) -> list[str]:
    """The command that runs a class of `peers/streams`, up to its name.  Raises Missing."""
    java, maven = shutil.which("java"), shutil.which("mvn")
    if java is None or maven is None or shutil.which("javac") is None:
        raise Missing("no JDK/Maven: apt-get install openjdk-17-jdk-headless maven")
    to = place.folder / "streams"
    if not (to / "ready").exists():
        # --strict-checksums: what is downloaded must be what the repository published.
        words = ["--batch-mode", "--quiet", "--strict-checksums", f"-Dto={to}", "package"]
        _run("the jar", [maven, "--file", str(_STREAMS / "pom.xml"), *words])
        (to / "ready").touch()
    return [java, "-cp", f"{to}/streams-1.jar:{to}/lib/*"]


def _run(what: str, command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired as error:
        raise Missing(f"{what} took over {_PATIENCE_S} s") from error
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no word"]
        raise Missing(f"{what} could not be made: {last[0]}")
