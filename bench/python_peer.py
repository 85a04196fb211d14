"""Peers in Python: what they are told, and how one in an environment of its own is started."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from bench.attempt import Attempt
from bench.watched import Watched
from bench.workshop import PEERS, ROOT, python_of
from core import topics


def told(attempt: Attempt, out: str) -> list[str]:
    """The command line of `peers/options.py`."""
    values: Mapping[str, Any] = {
        "bootstrap": attempt.place.kafka.bootstrap,
        "group": attempt.tag,
        "topic": attempt.topic,
        "out": out,
        "folder": attempt.place.folder / attempt.tag,
        "tick-schema": attempt.ids[topics.TICK],
        "detected-schema": attempt.ids["cctv.detected"],
        "annotated-schema": attempt.ids["cctv.object_annotated"],
    }
    return [f"--{name}={value}" for name, value in values.items()]


def peer(attempt: Attempt, name: str, module: str, out: str) -> Watched:
    """A module of `bench.peers` in the environment of that name.  Raises Missing."""
    python = python_of(attempt.place, name)
    command = [str(python), "-m", f"bench.peers.{module}", *told(attempt, out)]
    return attempt.place.run(attempt.tag, command, {"PYTHONPATH": str(ROOT)})


def about(module: str) -> str:
    """The docstring of a module that cannot be imported here."""
    return ast.get_docstring(ast.parse((PEERS / f"{module}.py").read_text("utf-8"))) or ""


def pinned(name: str) -> Mapping[str, str]:
    """The peer's own package with its locked version, for its settings."""
    wanted = (PEERS / f"{name}.in").read_text("utf-8").split("==")[0]
    locked = (PEERS / f"{name}.txt").read_text("utf-8")
    found = re.search(rf"^{wanted}==(\S+)", locked, re.M)
    return {wanted: found[1] if found else ""}
