"""Measure throughput and delay on a local stack of its own, and check every result."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import tempfile
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.place import Place
from jcoc.exits import BadResult
from jcoc.parameters import OneOf
from jcoc.settings import current
from jcoc.stack import artifacts
from jcoc.stack.local import LocalStack
from jcoc.stack.process import free_port, spawn
from jcoc.stack.progress import downloads
from wire.config import Kafka

JOBS = ("fold", "delay")
NUMBER: dict[str, Any] = {"type": click.IntRange(min=1), "show_default": True}
Work = Callable[..., Coroutine[Any, Any, Any]]


@click.command()
@click.option("--job", "jobs", multiple=True, type=OneOf("job", JOBS), help="Only this; repeat.")
@click.option("--impl", "impls", multiple=True, help="Only this implementation; repeat.")
@click.option("--events", default=1_000_000, **NUMBER, help="Events of the fold job.")
@click.option("--rate", default=1_000, **NUMBER, help="Messages a second of the delay job.")
@click.option("--seconds", default=30, **NUMBER, help="Length of a run of the delay job.")
@click.option("--repeat", default=3, **NUMBER, help="Runs of each; medians are shown.")
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Markdown file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def command(
    jobs: tuple[str, ...],
    impls: tuple[str, ...],
    events: int,
    rate: int,
    seconds: int,
    repeat: int,
    write: Path | None,
    *,
    as_json: bool,
) -> None:
    """Measure the real path on stacks of its own; exit 1 if any result is wrong.

    Slow implementations are given a shorter prefix of the same events, and the table says so.
    """
    # Numbers, Arrow and Faust take a second to import; the other commands need none of them.
    from bench import delay, fold
    from bench.document import document
    from bench.machine import Machine
    from bench.report import Report

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    known = OneOf("implementation", fold.IMPLEMENTATIONS)
    chosen = [known.convert(name, None, None) for name in impls or fold.IMPLEMENTATIONS]
    machine = Machine.here(_kafka_version())
    folds: list[fold.Run] = []
    delays: list[delay.Run] = []
    for _ in range(repeat):
        for name in chosen if "fold" in (jobs or JOBS) else ():
            work = fold.IMPLEMENTATIONS[name]
            folds.append(_measured(f"fold: {name}", ("kafka", "registry"), work, events))
        if "delay" in (jobs or JOBS):
            parts = ("kafka", "registry", "mqtt")
            delays.append(_measured("delay", parts, delay.delay, rate, seconds))
    report = Report(machine, folds, delays)
    if as_json:
        click.echo(json.dumps(report.to_json()))
    else:
        for table in report.tables():
            Console().print(table)
        for sentence in (*report.sentences(), f"Machine: {machine}"):
            click.echo(sentence)
    if report.wrong:
        raise BadResult("\n".join(["a result is wrong, its speed means nothing", *report.wrong]))
    if write:
        write.write_text(document(report), encoding="utf-8")


def _measured(what: str, parts: Collection[str], work: Work, *sizes: int) -> Any:
    """One run of a job at a place of its own, with a sign of life for who waits."""
    console = Console(stderr=True)
    with _place(parts) as place:
        alive = console.status(f"measuring {what}") if console.is_terminal else nullcontext()
        with alive:
            return asyncio.run(work(place, *sizes))


@contextmanager
def _place(parts: Collection[str]) -> Iterator[Place]:
    home = current().stack
    with tempfile.TemporaryDirectory(prefix="jcoc-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with downloads() as progress:
            stack = LocalStack(
                folder / "stack", home.home, repository=home.repository, progress=progress
            )
            stack.start(parts)
        with stack:
            yield Place(
                kafka=Kafka(stack.bootstrap),
                registry_url=stack.registry_url,
                mqtt_port=stack.mqtt_port if "mqtt" in parts else None,
                folder=folder,
                pids={part.part: part.pid for part in stack.status() if part.pid},
                port=free_port,
                spawn=_spawn,
            )


def _spawn(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> int:
    return spawn(command, log, outlive=False, environment=environment)


def _kafka_version() -> str:
    lock = Path(artifacts.__file__).with_name("artifacts.lock").read_text(encoding="utf-8")
    found = re.search(r"kafka-clients:([\d.]+):jar", lock)
    return found[1] if found else "unknown"
