"""Print the canonical events that Kafka holds."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

import click
from rich.console import Console
from rich.table import Table

from core import contract, moment, topics
from core.events import Event
from core.outcome import Reject
from jcoc.exits import BadResult
from jcoc.parameters import MOMENT, OneOf
from jcoc.reach import PATIENCE_S, kafka, registry, wait_for
from jcoc.settings import Settings, current
from wire.codec import Codec
from wire.reader import read


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events to print; `begin` and `end` are moments, `end` itself is not included."""

    types: tuple[str, ...]
    begin: int | None
    end: int | None
    source: str | None

    def takes(self, event: Event) -> bool:
        """Whether the event is one of them."""
        return (
            (self.begin is None or event.occurred_at >= self.begin)
            and (self.end is None or event.occurred_at < self.end)
            and (self.source is None or event.source == self.source)
        )


@click.command()
@click.option(
    "--type",
    "types",
    type=OneOf("event type", contract.types()),
    multiple=True,
    help="Only this event type; may be repeated.",
)
@click.option("--from", "begin", type=MOMENT, help="Only events that occurred at or after this.")
@click.option("--to", "end", type=MOMENT, help="Only events that occurred before this.")
@click.option("--source", help="Only events that this source reported.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines, as `jcoc compute` reads them.")
@click.option("--limit", default=50, show_default=True, help="Rows of the table: the last ones.")
def command(
    types: tuple[str, ...],
    begin: int | None,
    end: int | None,
    source: str | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    """Print the canonical events that Kafka holds.

    In the order of the log, type by type; a clock tick, which every partition repeats, once.
    Exits 1 when there was a record that is no event; standard error says which.
    """
    choice = Choice(tuple(sorted(set(types))) or contract.types(), begin, end, source)
    bad = wait_for(_print(current(), choice, limit, as_json=as_json))
    if bad:
        raise BadResult(f"{bad} records are no events")


async def _print(settings: Settings, choice: Choice, limit: int, *, as_json: bool) -> int:
    bad = seen = 0
    last: deque[Event] = deque(maxlen=limit)
    async for outcome in _events(settings, choice):
        if isinstance(outcome, str):
            bad += 1
            click.echo(outcome, err=True)
        elif as_json:
            sys.stdout.write(contract.to_line(outcome) + "\n")
        else:
            seen += 1
            last.append(outcome)
    if not as_json:
        _table(last, seen)
    return bad


async def _events(settings: Settings, choice: Choice) -> AsyncIterator[Event | str]:
    ticks: set[str] = set()
    cluster = kafka(settings)
    async with registry(settings) as schemas:
        codec = Codec({}, schemas)
        for topic in map(topics.city, choice.types):
            async for record in read(cluster, [topic], patience_s=PATIENCE_S):
                outcome = await codec.decode(topic, record.value)
                if isinstance(outcome, Reject):
                    where = f"{topic}/{record.partition}/{record.offset}"
                    yield f"{where}: {outcome.reason}: {outcome.detail}"
                elif choice.takes(outcome) and outcome.event_id not in ticks:
                    if outcome.type == topics.TICK:
                        ticks.add(outcome.event_id)
                    yield outcome


def _table(events: deque[Event], seen: int) -> None:
    table = Table(box=None)
    for name in ("occurred at", "type", "source", "event", "about"):
        table.add_column(name, no_wrap=name == "occurred at", overflow="fold")
    for event in events:
        about = contract.key(event).decode()
        when = moment.rfc3339(event.occurred_at)
        table.add_row(when, event.type, event.source, event.event_id, about)
    console = Console()
    console.print(table)
    if seen > len(events):
        console.print(f"the last {len(events)} of {seen} events; --json prints all", style="dim")
    elif not seen:
        console.print("no events", style="dim")
