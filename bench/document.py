"""`docs/benchmarks.md`, written from a report and the jobs' own descriptions."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from bench import delay, fold, plain_faust
from bench.report import (
    DELAY,
    FOLD,
    Lines,
    Report,
    delay_lines,
    delay_sentence,
    fold_lines,
    ratio_sentence,
)

COMMAND = "make bench"
_HEAD = f"""# Benchmarks

Written by `{COMMAND}`: do not edit, measure again.  Medians; runs one after the other, each on a
fresh local stack.  Every result was compared with a plain oracle before it was written here.
CPU s/M is CPU seconds of the process for a million events, MiB its peak resident memory.

"""


def document(report: Report) -> str:
    """The whole file."""
    parts = [f"{_HEAD}{summary(report)}\nMachine: {report.machine}\n"]
    if report.folds:
        parts.append(_fold(report))
    if report.delays:
        parts.append(_delay(report))
    return "\n".join(parts)


def summary(report: Report) -> str:
    """The lines that the README repeats."""
    lines: list[str] = []
    for name, events, _, speed, _, cpu, peak, totals in fold_lines(report.folds):
        lines.append(
            f"- CCTV path, {name}: {speed} events/s, {cpu} CPU s per million, peak {peak} MiB "
            f"({events} events, totals {totals})."
        )
    if told := ratio_sentence(report.folds):
        lines.append(f"- {told}")
    for stage, p50, p99, _ in delay_lines(report.delays) if report.delays else []:
        if stage == delay.STAGES[-1]:
            rate = report.delays[0].rate
            lines.append(
                f"- From an MQTT message to `/metrics` at {rate:,} messages a second, the clock "
                f"ticking every second: p50 {p50} s, p99 {p99} s."
            )
    return "\n".join(lines) + "\n"


def _fold(report: Report) -> str:
    settings = ", ".join(f"`{name}={value}`" for name, value in plain_faust.MAKES.items())
    return (
        f"## fold\n\n{_prose(fold.__doc__)}\n\n{_table(FOLD, fold_lines(report.folds))}\n"
        f"{ratio_sentence(report.folds)}\n\n"
        f"### {fold.PLAIN}\n\n{_prose(plain_faust.__doc__)}\n\nSettings: {settings}.\n"
    )


def _delay(report: Report) -> str:
    return (
        f"## delay\n\n{_prose(delay.__doc__)}\n\n{_table(DELAY, delay_lines(report.delays))}\n"
        f"{delay_sentence(report.delays)}\n"
    )


def _prose(text: str | None) -> str:
    return inspect.cleandoc(text or "")


def _table(head: Sequence[str], lines: Lines) -> str:
    rows = [list(head), ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
