"""Measure throughput and delay on a local stack of its own, and check every result."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import tempfile
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

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
"""What is measured unless told otherwise."""
SCALE = "scale"
CITY = ("cases", "restore", "year")
BROKER = {"group.initial.rebalance.delay.ms": "3000"}
"""Kafka's default, which the local stack shortens: two workers begin with their own partitions."""
RATE = 1_000
NUMBER: dict[str, Any] = {"type": click.IntRange(min=1), "show_default": True}
Work = Callable[..., Coroutine[Any, Any, Any]]
"""Takes a place, and `tell` by name."""


@click.command()
@click.option(
    "--job",
    "jobs",
    multiple=True,
    type=OneOf("job", (*JOBS, SCALE, *CITY)),
    help="Only this; repeat.  By default fold, normalize and delay.",
)
@click.option(
    "--impl", "impls", multiple=True, help="Only this implementation, or scenario of scale; repeat."
)
@click.option(
    "--events",
    type=click.IntRange(min=1),
    help="Events of fold (default 2,000,000), normalize (1,000,000), cases (200,000), year "
    "(1,150,000) and each scenario of scale; open cases of restore (100,000).",
)
@click.option(
    "--rate",
    type=click.IntRange(min=1),
    help=f"A second: messages of delay (default {RATE:,}), events of scale instead of all at once.",
)
@click.option("--seconds", default=30, **NUMBER, help="Length of a run of the delay job.")
@click.option("--repeat", default=3, **NUMBER, help="Runs of each; medians are shown.")
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Markdown file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def command(
    jobs: tuple[str, ...],
    impls: tuple[str, ...],
    events: int | None,
    rate: int | None,
    seconds: int,
    repeat: int,
    write: Path | None,
    *,
    as_json: bool,
) -> None:
    """Measure the real path on stacks of its own; exit 1 if any result is wrong.

    fold and normalize are measured for the backbone's worker and for other stream processors; who
    cannot run here is said not to.  Slow ones are given a shorter prefix of the same events, and
    the table says so.  scale is for the worker alone, and for --write a file of its own; so are
    cases, restore and year, for the backbone at the size of a whole city.
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
    from bench.scale.scenarios import SCENARIOS

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    every = [job.implementations for job in known.values()]
    names = OneOf("implementation", {name for of in (*every, SCENARIOS) for name in of})
    chosen = [names.convert(name, None, None) for name in impls]
    asked = _together(jobs or JOBS)
    machine = Machine.here(_kafka_version())
    found: list[Run | NotRun] = []
    for job in (known[name] for name in asked if name in known):
        # Among several jobs an implementation may be known to one only.
        who = [n for n in chosen or job.implementations if n in job.implementations]
        count = events or EVENTS[job.name]
        work = partial(measure, job, names=who, events=count, repeat=repeat)
        found += _measured(job.name, ("kafka", "registry"), work)
    if SCALE in asked:
        found += _scale(chosen, events, rate, repeat)
    found += _city(asked, events, repeat)
    delays: list[delay.Run] = []
    for number in range(repeat if "delay" in asked else 0):
        what = f"delay, run {number + 1} of {repeat}"
        parts = ("kafka", "registry", "mqtt")
        delays.append(_measured(what, parts, partial(_delay, rate=rate or RATE, seconds=seconds)))
    report = Report(
        machine,
        [one for one in found if isinstance(one, Run)],
        delays,
        [one for one in found if isinstance(one, NotRun)],
    )
    layout = _layout(asked)
    if as_json:
        click.echo(json.dumps(report.to_json()))
    else:
        for table in layout.tables(report) if layout else report.tables():
            Console().print(table)
        for sentence in (*report.sentences(), f"Machine: {machine}"):
            click.echo(sentence)
    if report.wrong:
        raise BadResult("\n".join(["a result is wrong, its speed means nothing", *report.wrong]))
    if write:
        text = layout.document(report) if layout else document(report, known)
        write.write_text(text, encoding="utf-8")


def _together(asked: tuple[str, ...]) -> tuple[str, ...]:
    """Jobs that one table shows.  Raises UsageError for others."""
    if SCALE in asked and set(asked) != {SCALE}:
        raise click.UsageError(f"{SCALE} has a table and a file of its own: measure it alone")
    if set(asked) & {*CITY} and set(asked) - {*CITY}:
        raise click.UsageError(f"{', '.join(CITY)} have a table and a file of their own")
    return asked


def _scale(chosen: Collection[str], events: int | None, rate: int | None, repeat: int) -> list[Any]:
    """Each scenario on a stack of its own."""
    from bench.scale.measure import measure
    from bench.scale.scenarios import SCENARIOS

    found: list[Any] = []
    for name, scenario in SCENARIOS.items():
        if name in (chosen or SCENARIOS):
            work = partial(measure, scenario, events=events, rate=rate, repeat=repeat)
            found += _measured(f"{SCALE}: {name}", ("kafka", "registry"), work)
    return found


class _Layout(NamedTuple):
    """How a report is shown that has a page of its own."""

    tables: Callable[[Any], Iterable[Any]]
    document: Callable[[Any], str]


def _layout(asked: Collection[str]) -> _Layout | None:
    from bench.city import report as city
    from bench.city.jobs import ABOUT, TARGETS
    from bench.scale import report as scaling
    from bench.scale.scenarios import SCENARIOS

    if SCALE in asked:
        return _Layout(
            partial(scaling.tables, scenarios=SCENARIOS),
            partial(scaling.document, scenarios=SCENARIOS),
        )
    if set(asked) & {*CITY}:
        return _Layout(city.tables, partial(city.document, about=ABOUT, targets=TARGETS))
    return None


def _city(asked: Collection[str], events: int | None, repeat: int) -> list[Any]:
    """The jobs of a whole city that were asked for."""
    from bench.city import worker, year

    found: list[Any] = []
    for name, work in (("cases", worker.cases), ("restore", worker.restore)):
        if name in asked:
            job = partial(work, events=events, repeat=repeat)
            found += _measured(name, ("kafka", "registry"), job)
    if year.NAME in asked:
        with tempfile.TemporaryDirectory(prefix="jcoc-bench-") as folder:
            tell = partial(click.echo, err=True)
            found += year.measure(Path(folder), events=events, repeat=repeat, tell=tell)
    return found


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


_HEAP_MIB = 1024
"""Of the broker: what Kafka's own start script gives it.  48 partitions a topic, 1,900 in all, end
the 384 MiB of the local stack with an OutOfMemoryError."""


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
                heap_mib=_HEAP_MIB,
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
