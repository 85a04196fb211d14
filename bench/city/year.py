"""The year job: `jcoc compute` over a simulated year of a city of the size of Jambi.

30,000 complaints and 200,000 requests for letters, with what the other systems of the city tell, as
one file of JSON lines.  The figures are of the whole command: it starts, reads the file, computes
every window of the year and prints it as JSON.  Seconds are by the wall, CPU is user and system,
memory the peak of the process.  CCTV is left out: there is no event for five-minute cells.

It is right when each row that `sim.year` counted without the engine, by plain loops over its own
story, was printed with the same numerator and denominator.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.attempt import Run
from core.outcome import Halt

NAME = "year"
OURS = "compute"
EVENTS = 1_150_000
"""About how many a year of Jambi has."""
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the rows that are known compare with those that were printed."""

    known: int
    wrong: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Every row that is known was printed so."""
        return self.known > 0 and not self.wrong

    def __str__(self) -> str:
        """For people."""
        if self.exact:
            return f"{self.known:,} rows equal the independent count"
        return f"WRONG: {len(self.wrong)} of {self.known} rows, first {self.wrong[:1]}"


def measure(
    folder: Path, *, events: int | None, repeat: int, tell: Callable[[str], None]
) -> list[Run]:
    """Write the year once, compute it so often.  Raises Halt when a process fails."""
    scale = (events or EVENTS) / EVENTS
    story, truth = folder / "year.jsonl", folder / "truth.jsonl"
    tell(f"{NAME}: writing it")
    written = folder / "written"
    _run(["sim.year", f"--events={story}", f"--truth={truth}", f"--scale={scale}"], written)
    told = re.match(r"(\d+) events, (\d+) complaints, (\d+) services", written.read_text())
    if told is None:
        raise Halt(f"sim.year said {written.read_text()!r}")
    found = []
    for number in range(repeat):
        tell(f"{NAME}: run {number + 1} of {repeat}")
        rows = folder / "rows.jsonl"
        seconds, cpu_s, peak = _run(["jcoc", "compute", str(story), "--json"], rows)
        verdict = judge(_lines(truth), _lines(rows))
        facts: Mapping[str, float | str | None] = {
            "complaints": int(told[2]),
            "services": int(told[3]),
            "rows": sum(1 for _ in _lines(rows)),
            "wall_s": round(seconds, 1),
            "cpu_s": round(cpu_s, 1),
        }
        found.append(Run(NAME, OURS, int(told[1]), seconds, cpu_s, peak, 0.0, verdict, facts))
    return found


def judge(known: Iterable[Mapping[str, Any]], printed: Iterable[Mapping[str, Any]]) -> Verdict:
    """Hold every known row against the one of its window; other windows are not judged."""
    expected = {_key(row): (row["numerator"], row["denominator"]) for row in known}
    found = {key: row for row in printed if (key := _key(row)) in expected}
    wrong = []
    for key, (numerator, denominator) in expected.items():
        row = found.get(key, {"numerator": None, "denominator": None})
        if (row["numerator"], row["denominator"]) != (numerator, denominator):
            said = f"{row['numerator']}/{row['denominator']}"
            wrong.append(f"{key}: {numerator}/{denominator}, printed {said}")
    return Verdict(len(expected), tuple(wrong))


def _key(row: Mapping[str, Any]) -> Key:
    names = ("kpi", "window", "scope_type", "scope_id", "window_start", "window_end")
    return tuple(row[name] for name in names)


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    with path.open("rb") as file:
        yield from map(json.loads, file)


def _run(words: list[str], out: Path) -> tuple[float, float, float]:
    """Seconds, CPU seconds and peak MiB of a module that ran to its end."""
    began = time.monotonic()
    with out.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", *words], stdout=file)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Halt(f"{words[0]} ended with {process.returncode}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
