"""From runs to what people read: medians, tables, JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.table import Table

from bench import delay
from bench.attempt import NotRun, Run
from bench.facts import medians
from bench.machine import Machine
from bench.targets import CPU, ratio, told_ratios, told_targets

Lines = list[list[str]]
JOB = (
    "events",
    "runs",
    "events/s",
    "from–to",
    "CPU s/M",
    "MiB",
    "broker CPU s/M",
    "totals",
)
DELAY = ("delay", "p50 s", "p99 s", "p99 from–to")


@dataclass(frozen=True, slots=True)
class Report:
    """All runs of one `jcoc bench`, and what could not be run."""

    machine: Machine
    runs: Sequence[Run] = ()
    delays: Sequence[delay.Run] = ()
    missing: Sequence[NotRun] = ()

    @property
    def jobs(self) -> list[str]:
        """Names of the jobs that were asked for, delay apart."""
        return list(dict.fromkeys([*(r.job for r in self.runs), *(m.job for m in self.missing)]))

    def of(self, job: str) -> list[Run]:
        """Its runs."""
        return [run for run in self.runs if run.job == job]

    @property
    def wrong(self) -> list[str]:
        """Every result that is not exact, and every failure, in words."""
        runs = [
            f"{r.job}: {r.implementation}: {r.verdict}" for r in self.runs if not r.verdict.exact
        ]
        runs += [f"{m.job}: {m.implementation}: {m.why}" for m in self.missing if m.failed]
        return runs + [f"delay: {_losses([run])}" for run in self.delays if not run.exact]

    def to_json(self) -> dict[str, Any]:
        """Medians and the single runs."""
        told: dict[str, Any] = {"machine": asdict(self.machine)}
        for job in self.jobs:
            runs = self.of(job)
            told[job] = {name: _json(of) for name, of in by_name(runs).items()}
            if job in CPU:
                told[f"{job}_ratios"] = {
                    figure: ratio(runs, "kafka-streams", figure)
                    for figure in ("events_per_s", "cpu_s_per_million")
                }
        told["not_run"] = [asdict(one) for one in self.missing]
        told["delay"] = _delay_json(self.delays) if self.delays else None
        told["exact"] = not self.wrong
        return told

    def tables(self) -> Iterable[Table]:
        """One table a job; what is wrong stands out."""
        for job in self.jobs:
            table = Table(job, *JOB, box=None, padding=(0, 2, 0, 0))
            for line in self.lines(job):
                table.add_row(*line, style="bold red" if "WRONG" in line[-1] else "")
            yield table
        if self.delays:
            table = Table(*DELAY, box=None, padding=(0, 2, 0, 0))
            for line in delay_lines(self.delays):
                table.add_row(*line)
            yield table

    def lines(self, job: str) -> Lines:
        """One line for each implementation, medians of its runs; then those not run."""
        absent = [one for one in self.missing if one.job == job]
        return job_lines(self.of(job)) + [
            [one.implementation, *["–"] * (len(JOB) - 1), _absent(one)] for one in absent
        ]

    def sentences(self) -> Iterable[str]:
        """What the tables do not say."""
        for one in self.missing:
            yield f"{one.job}: {one.implementation}: {_absent(one)}."
        for job in self.jobs:
            for sentence in (*told_ratios(self.of(job)), *told_targets(job, self.of(job))):
                yield f"{job}: {sentence}"
        if self.delays:
            yield delay_sentence(self.delays)


def by_name(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """In the order of their first runs."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.implementation, []).append(run)
    return found


def job_lines(runs: Sequence[Run]) -> Lines:
    """One line for each implementation, medians of its runs."""
    return [
        [
            name,
            f"{of[0].events:,}",
            str(len(of)),
            f"{_median(of, lambda run: run.events_per_s):,.0f}",
            f"{min(r.events_per_s for r in of):,.0f}–{max(r.events_per_s for r in of):,.0f}",
            f"{_median(of, lambda run: run.cpu_s_per_million):,.2f}",
            f"{_median(of, lambda run: run.peak_rss_mib):,.0f}",
            f"{_median(of, lambda run: run.broker_cpu_s_per_million):,.2f}",
            _totals(of),
        ]
        for name, of in by_name(runs).items()
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


def _absent(one: NotRun) -> str:
    return f"not run: {one.why.splitlines()[0]}"


def _median(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    return median(map(of, runs))


def _losses(runs: Sequence[delay.Run]) -> str:
    lost, doubled = sum(run.lost for run in runs), sum(run.doubled for run in runs)
    return f"WRONG: {lost} lost, {doubled} doubled" if lost + doubled else "none lost or doubled"


def _totals(runs: Sequence[Run]) -> str:
    wrong = [str(run.verdict) for run in runs if not run.verdict.exact]
    return wrong[0] if wrong else "exact"


def _json(runs: Sequence[Run]) -> dict[str, Any]:
    return {
        "events": runs[0].events,
        "events_per_s": round(_median(runs, lambda run: run.events_per_s)),
        "cpu_s_per_million": round(_median(runs, lambda run: run.cpu_s_per_million), 2),
        "peak_rss_mib": round(_median(runs, lambda run: run.peak_rss_mib)),
        "broker_cpu_s_per_million": round(
            _median(runs, lambda run: run.broker_cpu_s_per_million), 2
        ),
        "exact": all(run.verdict.exact for run in runs),
        "facts": medians([run.facts for run in runs]),
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
