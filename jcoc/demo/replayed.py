"""The auditor's replay of the day, by the command that an auditor would use."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field

from jcoc.demo.parts import Parts


@dataclass(frozen=True)
class Replay:
    """What `jcoc replay --json` said."""

    good: bool
    counts: dict[str, int] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    """Why it is not good."""


def replayed(parts: Parts) -> Replay:
    """Replay everything that was published."""
    command = [sys.executable, "-m", "jcoc", "replay", "--json"]
    done = subprocess.run(
        command, env=parts.environment(), capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    counts = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    told = () if done.returncode == 0 else (*lines[:3], *done.stderr.splitlines()[-3:])
    return Replay(done.returncode == 0, counts, told)
