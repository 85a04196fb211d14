"""What the backbone's worker must reach, and whether the runs say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from bench.attempt import Run

OURS, OURS_2, STREAMS, PLAIN = "jcoc", "jcoc-2", "kafka-streams", "plain-faust"
FASTER = 2.0
"""Events a second, times Kafka Streams'."""
CPU = {"fold": 0.5, "normalize": 0.4}
"""CPU for the same events, times Kafka Streams', by job."""
LARGEST_MB = 300
"""Peak resident memory of one worker, 10^6 bytes."""
TWO = 1.7
"""Events a second of two workers on two cores, times one worker's."""
_MB_IN_MIB = 2**20 / 10**6


def ratio(runs: Sequence[Run], other: str, figure: str, one: str = OURS) -> float | None:
    """Median of `figure` for `one` over that for `other`; None unless both are there and exact."""
    ours, theirs = _of(runs, one), _of(runs, other)
    if not ours or not theirs or not all(run.verdict.exact for run in (*ours, *theirs)):
        return None
    over = median(float(getattr(run, figure)) for run in theirs)
    return round(median(float(getattr(run, figure)) for run in ours) / over, 3) if over else None


def told_ratios(runs: Sequence[Run]) -> Iterator[str]:
    """How ours compares with each other implementation that was exact."""
    for name in dict.fromkeys(run.implementation for run in runs):
        speed, cpu = ratio(runs, name, "events_per_s"), ratio(runs, name, "cpu_s_per_million")
        if name not in (OURS, OURS_2) and speed is not None and cpu is not None:
            yield (
                f"{OURS} does {speed:.2f} times the events a second of {name}, for {cpu:.2f} times "
                "the CPU time of each event."
            )


def told_targets(job: str, runs: Sequence[Run]) -> Iterator[str]:
    """Each target with what was measured; none that was not measured."""
    speed = ratio(runs, STREAMS, "events_per_s")
    if speed is not None:
        yield _said(f"at least {FASTER} times {STREAMS}' events/s", f"{speed:.2f}", speed >= FASTER)
    cpu = ratio(runs, STREAMS, "cpu_s_per_million")
    if cpu is not None:
        yield _said(f"at most {CPU[job]} of {STREAMS}' CPU time", f"{cpu:.2f}", cpu <= CPU[job])
    if ours := _of(runs, OURS):
        peak = median(run.peak_rss_mib for run in ours) * _MB_IN_MIB
        yield _said(f"peak memory at most {LARGEST_MB} MB", f"{peak:.0f} MB", peak <= LARGEST_MB)
    two = ratio(runs, OURS, "events_per_s", OURS_2)
    if two is not None:
        broker = median(run.broker_cpu_s / run.seconds for run in _of(runs, OURS_2))
        mine = median(run.cpu_s / run.seconds for run in _of(runs, OURS_2))
        yield _said(f"two workers at least {TWO} times one", f"{two:.2f}", two >= TWO) + (
            f" Meanwhile the two workers kept {mine:.2f} cores busy, the broker {broker:.2f}."
        )


def _said(target: str, found: str, reached: bool) -> str:
    return f"Target {target}: {found}, {'reached' if reached else 'NOT reached'}."


def _of(runs: Sequence[Run], name: str) -> list[Run]:
    return [run for run in runs if run.implementation == name]
