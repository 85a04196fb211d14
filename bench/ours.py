"""The backbone's own worker as an implementation: one process, or several in one group."""

from __future__ import annotations

import re
import urllib.request

from bench.attempt import Attempt


def begin(attempt: Attempt, workers: int, *options: str) -> None:
    """Start `jcoc worker` so many times, each with a page and a folder of its own."""
    place = attempt.place
    for number in range(workers):
        port = place.port()
        told = (
            "worker", "--clock=none", f"--group={attempt.tag}", f"--metrics-port={port}",
            f"--datadir={place.folder / attempt.tag / str(number)}", *options,
        )  # fmt: skip
        attempt.processes.append(place.jcoc(f"{attempt.tag}-{number}", *told))
        attempt.pages.append(f"http://127.0.0.1:{port}/metrics")


def counted(attempt: Attempt, metric: str) -> int:
    """Sum of a counter, given by name and labels as its page writes it, over all workers."""
    total = 0.0
    for page in attempt.pages:
        with urllib.request.urlopen(page, timeout=10) as answer:
            text = answer.read().decode()
        total += sum(float(n) for n in re.findall(rf"^{re.escape(metric)} (\S+)$", text, re.M))
    return int(total)
