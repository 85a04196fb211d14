"""From runs to what people read: medians, a table, JSON, Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.table import Table

from bench import delay, fold
from bench.machine import Machine

Lines = list[list[str]]
FOLD = (
    "fold",
    "events",
    "runs",
    "events/s",
    "from–to",
    "CPU s/M",
    "MiB",
    "totals",
)
DELAY = ("delay", "p50 s", "p99 s", "p99 from–to")


@dataclass(frozen=True, slots=True)
class Report:
    """All runs of one `jcoc bench`."""

    machine: Machine
    folds: Sequence[fold.Run] = ()
    delays: Sequence[delay.Run] = ()

    @property
    def wrong(self) -> list[str]:
        """Every result that is not exact, in words."""
        folds = [f"{r.implementation}: {r.verdict}" for r in self.folds if not r.verdict.exact]
        return folds + [f"delay: {_losses([run])}" for run in self.delays if not run.exact]

    def to_json(self) -> dict[str, Any]:
        """Medians and the single runs."""
        folds = {name: _fold_json(runs) for name, runs in _by_name(self.folds).items()}
        return {
            "machine": asdict(self.machine),
            "fold": folds,
            "fold_ratio": found[0] if (found := ratios(self.folds)) else None,
            "fold_cpu_ratio": found[1] if found else None,
            "delay": _delay_json(self.delays) if self.delays else None,
            "exact": not self.wrong,
        }

    def tables(self) -> Iterable[Table]:
        """One table a job; what is wrong stands out."""
        if self.folds:
            table = Table(*FOLD, box=None, padding=(0, 2, 0, 0))
            for line in fold_lines(self.folds):
                table.add_row(*line, style="bold red" if "WRONG" in line[-1] else "")
            yield table
        if self.delays:
            table = Table(*DELAY, box=None, padding=(0, 2, 0, 0))
            for line in delay_lines(self.delays):
                table.add_row(*line)
            yield table

    def sentences(self) -> Iterable[str]:
        """What the tables do not say."""
        if told := ratio_sentence(self.folds):
            yield told
        if self.delays:
            yield delay_sentence(self.delays)


def ratios(runs: Sequence[fold.Run]) -> tuple[float, float] | None:
    """Ours over plain Faust: events a second, and events for the same CPU time.

    None unless both were measured and exact.
    """
    by_name = _by_name(runs)
    if not {fold.OURS, fold.PLAIN} <= by_name.keys():
        return None
    if not all(run.verdict.exact for run in runs):
        return None
    ours, plain = by_name[fold.OURS], by_name[fold.PLAIN]
    speed = median(r.events_per_s for r in ours) / median(r.events_per_s for r in plain)
    cpu = median(r.cpu_s_per_million for r in plain) / median(r.cpu_s_per_million for r in ours)
    return round(speed, 2), round(cpu, 2)


def ratio_sentence(runs: Sequence[fold.Run]) -> str:
    """How many times faster ours is; empty when that was not measured."""
    found = ratios(runs)
    if found is None:
        return ""
    speed, cpu = found
    return (
        f"{fold.OURS} does {speed:.1f} times the events a second of {fold.PLAIN}, and {cpu:.1f} "
        "times those of the same CPU time."
    )


def fold_lines(runs: Sequence[fold.Run]) -> Lines:
    """One line for each implementation, medians of its runs."""
    return [
        [
            name,
            f"{of[0].events:,}",
            str(len(of)),
            f"{median(run.events_per_s for run in of):,.0f}",
            f"{min(r.events_per_s for r in of):,.0f}–{max(r.events_per_s for r in of):,.0f}",
            f"{median(run.cpu_s_per_million for run in of):,.2f}",
            f"{median(run.peak_rss_mib for run in of):,.0f}",
            _totals(of),
        ]
        for name, of in _by_name(runs).items()
    ]


def delay_lines(runs: Sequence[delay.Run]) -> Lines:
    """One line for each stage, medians of the runs' percentiles."""
    return [
        [
            stage,
            f"{median(run.p50[stage] for run in runs):.2f}",
            f"{median(run.p99[stage] for run in runs):.2f}",
            f"{min(run.p99[stage] for run in runs):.2f}–{max(run.p99[stage] for run in runs):.2f}",
        ]
        for stage in delay.STAGES
    ]


def delay_sentence(runs: Sequence[delay.Run]) -> str:
    """Rate, losses, and where the CPU went."""
    cores = ", ".join(
        f"{name} {median(run.cores[name] for run in runs):.2f}" for name in runs[0].cores
    )
    reached = median(run.received_per_s for run in runs)
    return (
        f"{runs[0].rate} messages a second published, {reached:.0f} a second taken in by the "
        f"connector, {len(runs)} x {runs[0].messages:,} messages, {_losses(runs)}. "
        f"Cores in use: {cores}."
    )


def _losses(runs: Sequence[delay.Run]) -> str:
    lost, doubled = sum(run.lost for run in runs), sum(run.doubled for run in runs)
    return f"WRONG: {lost} lost, {doubled} doubled" if lost + doubled else "none lost or doubled"


def _by_name(runs: Iterable[fold.Run]) -> dict[str, list[fold.Run]]:
    found: dict[str, list[fold.Run]] = {}
    for run in runs:
        found.setdefault(run.implementation, []).append(run)
    return found


def _totals(runs: Sequence[fold.Run]) -> str:
    wrong = [str(run.verdict) for run in runs if not run.verdict.exact]
    return wrong[0] if wrong else "exact"


def _fold_json(runs: Sequence[fold.Run]) -> dict[str, Any]:
    return {
        "events": runs[0].events,
        "events_per_s": round(median(run.events_per_s for run in runs)),
        "cpu_s_per_million": round(median(run.cpu_s_per_million for run in runs), 2),
        "peak_rss_mib": round(median(run.peak_rss_mib for run in runs)),
        "exact": all(run.verdict.exact for run in runs),
        "runs": [asdict(run) for run in runs],
    }


def _delay_json(runs: Sequence[delay.Run]) -> dict[str, Any]:
    return {
        "rate": runs[0].rate,
        "received_per_s": round(median(run.received_per_s for run in runs)),
        "p50_s": {s: round(median(run.p50[s] for run in runs), 3) for s in delay.STAGES},
        "p99_s": {s: round(median(run.p99[s] for run in runs), 3) for s in delay.STAGES},
        "exact": all(run.exact for run in runs),
        "runs": [asdict(run) for run in runs],
    }
