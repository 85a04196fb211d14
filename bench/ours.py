"""The backbone's own worker as an implementation: one process, or several in one group."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterable

from bench.attempt import Attempt
from bench.watched import Watched


def begin(attempt: Attempt, workers: int, *options: str) -> None:
    """Start `jcoc worker` so many times, each with a page and a folder of its own."""
    for _ in range(workers):
        start(attempt, *options)


def start(attempt: Attempt, *options: str) -> Watched:
    """Start one more."""
    place, number = attempt.place, len(attempt.processes)
    port = place.port()
    told = (
        "worker", "--clock=none", f"--group={attempt.tag}", f"--metrics-port={port}",
        f"--datadir={place.folder / attempt.tag / str(number)}", *options,
    )  # fmt: skip
    process = place.jcoc(f"{attempt.tag}-{number}", *told)
    attempt.processes.append(process)
    attempt.pages.append(f"http://127.0.0.1:{port}/metrics")
    return process


def counted(pages: Iterable[str], metric: str) -> int:
    """Sum of a counter, given by name and labels as a page writes it, over all pages."""
    total = 0.0
    for page in pages:
        with urllib.request.urlopen(page, timeout=10) as answer:
            text = answer.read().decode()
        total += sum(float(n) for n in re.findall(rf"^{re.escape(metric)} (\S+)$", text, re.M))
    return int(total)
