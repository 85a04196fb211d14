"""Measure throughput and delay on a local stack of its own, and check every result."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import tempfile
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.place import Place, Tell
from jcoc.exits import BadResult
from jcoc.parameters import OneOf
from jcoc.settings import current
from jcoc.stack import artifacts
from jcoc.stack.local import LocalStack
from jcoc.stack.process import free_port, spawn
from jcoc.stack.progress import downloads
from wire.config import Kafka

JOBS = ("fold", "normalize", "delay")
BROKER = {"group.initial.rebalance.delay.ms": "3000"}
"""Kafka's default, which the local stack shortens: two workers begin with their own partitions."""
NUMBER: dict[str, Any] = {"type": click.IntRange(min=1), "show_default": True}
Work = Callable[..., Coroutine[Any, Any, Any]]
"""Takes a place, and `tell` by name."""


@click.command()
@click.option("--job", "jobs", multiple=True, type=OneOf("job", JOBS), help="Only this; repeat.")
@click.option("--impl", "impls", multiple=True, help="Only this implementation; repeat.")
@click.option(
    "--events",
    type=click.IntRange(min=1),
    help="Events of fold (default 2,000,000) and of normalize (1,000,000).",
)
@click.option("--rate", default=1_000, **NUMBER, help="Messages a second of the delay job.")
@click.option("--seconds", default=30, **NUMBER, help="Length of a run of the delay job.")
@click.option("--repeat", default=3, **NUMBER, help="Runs of each; medians are shown.")
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Markdown file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def command(
    jobs: tuple[str, ...],
    impls: tuple[str, ...],
    events: int | None,
    rate: int,
    seconds: int,
    repeat: int,
    write: Path | None,
    *,
    as_json: bool,
) -> None:
    """Measure the real path on stacks of its own; exit 1 if any result is wrong.

    fold and normalize are measured for the backbone's worker and for other stream processors; who
    cannot run here is said not to.  Slow ones are given a shorter prefix of the same events, and
    the table says so.
    """
    # Numbers, Arrow and Faust take a second to import; the other commands need none of them.
    from bench import delay
    from bench.attempt import NotRun, Run
    from bench.document import document
    from bench.job import measure
    from bench.jobs import EVENTS
    from bench.jobs import JOBS as known
    from bench.machine import Machine
    from bench.report import Report

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    names = OneOf("implementation", {n for job in known.values() for n in job.implementations})
    chosen = [names.convert(name, None, None) for name in impls]
    asked = jobs or JOBS
    machine = Machine.here(_kafka_version())
    found: list[Run | NotRun] = []
    for job in (known[name] for name in asked if name in known):
        # Among several jobs an implementation may be known to one only.
        who = [n for n in chosen or job.implementations if n in job.implementations]
        count = events or EVENTS[job.name]
        work = partial(measure, job, names=who, events=count, repeat=repeat)
        found += _measured(job.name, ("kafka", "registry"), work)
    delays: list[delay.Run] = []
    for number in range(repeat if "delay" in asked else 0):
        what = f"delay, run {number + 1} of {repeat}"
        parts = ("kafka", "registry", "mqtt")
        delays.append(_measured(what, parts, partial(_delay, rate=rate, seconds=seconds)))
    report = Report(
        machine,
        [one for one in found if isinstance(one, Run)],
        delays,
        [one for one in found if isinstance(one, NotRun)],
    )
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
        write.write_text(document(report, known), encoding="utf-8")


async def _delay(place: Place, *, rate: int, seconds: int, tell: Tell) -> Any:
    from bench import delay

    tell("delay")
    return await delay.delay(place, rate, seconds)


def _measured(what: str, parts: Collection[str], work: Work) -> Any:
    """Work at a place of its own, with a sign of life for who waits."""
    console = Console(stderr=True)
    with _place(parts) as place, console.status(f"measuring {what}") as alive:

        def tell(said: str) -> None:
            if console.is_terminal:
                alive.update(f"measuring {said}")
            else:
                console.print(said)

        return asyncio.run(work(place, tell=tell))


@contextmanager
def _place(parts: Collection[str]) -> Iterator[Place]:
    home = current().stack
    with tempfile.TemporaryDirectory(prefix="jcoc-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with downloads() as progress:
            stack = LocalStack(
                folder / "stack",
                home.home,
                repository=home.repository,
                progress=progress,
                broker=BROKER,
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
