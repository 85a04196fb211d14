"""`docs/benchmarks.md`, written from a report and the jobs' own descriptions."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

from bench import delay
from bench.attempt import Implementation
from bench.job import Job
from bench.report import DELAY, JOB, Lines, Report, delay_lines, delay_sentence
from bench.targets import told_ratios, told_targets

COMMAND = "make bench"
_HEAD = f"""# Benchmarks

Written by `{COMMAND}`: do not edit, measure again.  Medians; runs one after the other, all of a job
on one fresh local stack with one input.  Every result was compared with a plain oracle before
it was written here.  CPU s/M is CPU seconds of the implementation's processes for a million events,
MiB the peak resident memory of the largest of them, broker CPU s/M what Kafka used meanwhile.

"""


def document(report: Report, jobs: Mapping[str, Job]) -> str:
    """The whole file."""
    parts = [f"{_HEAD}{summary(report)}\nMachine: {report.machine}\n"]
    parts += [_job(report, jobs[name]) for name in report.jobs]
    if report.delays:
        parts.append(_delay(report))
    return "\n".join(parts)


def summary(report: Report) -> str:
    """What is reached and what is not, in lines."""
    lines: list[str] = []
    for job in report.jobs:
        for line in report.lines(job):
            name, events, _, speed, _, cpu, peak, _, totals = line
            lines.append(
                f"- {job}, {name}: {totals}"
                if totals.startswith("not run")
                else f"- {job}, {name}: {speed} events/s, {cpu} CPU s per million, peak {peak} MiB "
                f"({events} events, totals {totals})."
            )
        lines += [f"- {job}: {said}" for said in told_targets(job, report.of(job))]
    for stage, p50, p99, _ in delay_lines(report.delays) if report.delays else []:
        if stage == delay.STAGES[-1]:
            rate = report.delays[0].rate
            lines.append(
                f"- From an MQTT message to `/metrics` at {rate:,} messages a second, the clock "
                f"ticking every second: p50 {p50} s, p99 {p99} s."
            )
    return "\n".join(lines) + "\n"


def _job(report: Report, job: Job) -> str:
    runs = report.of(job.name)
    said = "\n".join(f"- {one}" for one in (*told_ratios(runs), *told_targets(job.name, runs)))
    shown = {line[0] for line in report.lines(job.name)}
    peers = [
        f"### {job.name}: {who.name}\n\n{_prose(who.about)}\n{_told(who)}"
        for who in job.implementations.values()
        if who.name in shown
    ]
    head = (job.name, *JOB)
    return (
        f"## {job.name}\n\n{_prose(job.about)}\n\n{table(head, report.lines(job.name))}\n"
        f"{said}\n\n" + "\n".join(peers)
    )


def _told(who: Implementation) -> str:
    settings = ", ".join(f"`{name}={value}`" for name, value in who.settings.items())
    prefix = f"\nIt is given no more than the first {who.most:,} events.\n" if who.most else ""
    return prefix + (f"\nSettings: {settings}.\n" if settings else "")


def _delay(report: Report) -> str:
    return (
        f"## delay\n\n{_prose(delay.__doc__)}\n\n{table(DELAY, delay_lines(report.delays))}\n"
        f"{delay_sentence(report.delays)}\n"
    )


def _prose(text: str | None) -> str:
    return inspect.cleandoc(text or "")


def table(head: Sequence[str], lines: Lines) -> str:
    """A table in markdown."""
    rows = [list(head), ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
