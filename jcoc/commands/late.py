"""What came too late: final numbers that would be others now, and events that changed nothing."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import click
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core import moment, topics, window
from core.causes import Causes
from core.kpis import by_id
from core.publication import REMEMBERED
from core.restatements import Restated, Restatement
from core.rows import Finality, Identity, KpiRow
from jcoc.commands.deadletter import plain
from jcoc.commands.kpis import Choice, published
from jcoc.exits import BadResult
from jcoc.parameters import OneOf
from jcoc.reach import PATIENCE_S, kafka, wait_for
from jcoc.settings import Settings, current
from wire.config import Kafka
from wire.patience import weather
from wire.producer import producer
from wire.reader import read
from wire.topics import ensure

_SEND_S = 30


@dataclass
class Late:
    """All of it: the restatements of each window as they were told, events by (type, source)."""

    final: dict[Identity, KpiRow] = field(default_factory=dict)
    restated: dict[Identity, list[Restatement]] = field(default_factory=dict)
    newest: int = 0
    """The last tick of which a row of these KPIs was published."""
    events: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """When each happened."""
    flaws: list[str] = field(default_factory=list)

    def rows(self) -> list[Restated]:
        """In order of their windows; a window that says again what was published is none."""
        told = (
            Restated(self.final[i], several[-1].row, Causes.of(one.causes for one in several))
            for i, several in self.restated.items() if i in self.final
        )  # fmt: skip
        changed = (one for one in told if one.differs)
        return sorted(changed, key=lambda one: (one.new.window_end, one.new.identity))


@click.command()
@click.option(
    "--kpi", "kpis", type=OneOf("KPI", by_id()), multiple=True, help="Only this KPI; repeatable."
)
@click.option(
    "--quarter", metavar="YYYY-Qn", help="Only windows that end in this quarter, such as 2026-Q3."
)
@click.option(
    "--publish",
    "publishes",
    is_flag=True,
    help="Write the account of the quarter to kpi.restated, when nothing can change it any more.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of tables.")
def command(kpis: tuple[str, ...], quarter: str | None, *, publishes: bool, as_json: bool) -> None:
    """Show what came too late: final numbers that would be others now, and late events.

    A final number never changes.  Of each window that would say something else by now the old and
    the new number are shown, and the cases that moved it; with --quarter this is the quarterly
    account of convention C5.  Late events are counted by type and source, whatever their window.

    With --publish each window of the account becomes one record of kpi.restated, 77 days after
    the quarter: until then what is late may still move it.  What is there already is not written
    again.

    Exits 1 when the log holds something else than rows and events.
    """
    if publishes and (quarter is None or kpis):
        raise click.UsageError("--publish takes a whole quarter: --quarter YYYY-Qn and no --kpi")
    span = None if quarter is None else _span(quarter)
    late = wait_for(_late(current(), kpis, span))
    if publishes and span is not None and not late.flaws:
        new = wait_for(_account(current(), late, span))
        click.echo(f"{topics.RESTATED}: {new} records written", err=True)
    if as_json:
        told = [pair.to_json() for pair in late.rows()] + list(_counts(late))
        sys.stdout.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in told)
    else:
        _show(late)
    if late.flaws:
        raise BadResult("\n".join(late.flaws))


async def _late(settings: Settings, kpis: Iterable[str], span: tuple[int, int] | None) -> Late:
    late, wanted = Late(), set(kpis)
    async for record in read(kafka(settings), [topics.LATE], patience_s=PATIENCE_S):
        try:
            flat = json.loads(record.value or b"")
            if "kpi" not in flat:
                name = (str(flat["type"]), str(flat["source"]))
                late.events.setdefault(name, []).append(moment.parse(flat["occurred_at"]))
                continue
            told = Restatement.from_record(flat)
        except (ValueError, KeyError, TypeError) as error:
            where = f"{topics.LATE}/{record.partition}/{record.offset}"
            late.flaws.append(f"{where} is neither a KPI row nor an event: {error!r}")
            continue
        row = told.row
        if (not wanted or row.kpi in wanted) and (span is None or _ends_in(row, span)):
            late.restated.setdefault(row.identity, []).append(told)
    for several in late.restated.values():
        several.sort(key=lambda one: one.row.as_of)
    if late.restated:
        moved = {identity[0] for identity in late.restated}
        rows, flaws = await published(settings, Choice(tuple(moved), None, None))
        late.final = {row.identity: row for row in rows if row.finality is Finality.FINAL}
        late.newest = max((row.as_of for row in rows), default=0)
        late.flaws += flaws
    return late


async def _account(settings: Settings, late: Late, span: tuple[int, int]) -> int:
    """Write what `kpi.restated` does not have of a quarter; how many records that are.

    Raises BadResult while the quarter may still be restated.
    """
    complete = span[1] + REMEMBERED
    if late.restated and late.newest < complete:
        raise BadResult(
            f"the quarter may be restated until {moment.rfc3339(complete)}, and the log ends at "
            f"{moment.rfc3339(late.newest)}: publish its account then"
        )
    cluster = kafka(settings)
    await ensure(cluster, (), patience_s=PATIENCE_S)
    there = {r.key async for r in read(cluster, [topics.RESTATED], patience_s=PATIENCE_S)}
    new = [
        (one.key, json.dumps(one.to_json(), ensure_ascii=False).encode())
        for one in late.rows() if one.key not in there
    ]  # fmt: skip
    if new:
        await send(cluster, new)
    return len(new)


async def send(cluster: Kafka, items: Iterable[tuple[bytes, bytes]]) -> None:
    """Write records of `kpi.restated`; raises Retry when the broker is away."""
    async with producer(cluster, linger_ms=0, patience_s=PATIENCE_S) as sender:
        try:
            async with asyncio.timeout(_SEND_S):
                for key, value in items:
                    await sender.send_and_wait(topics.RESTATED, value, key)
        except (KafkaError, OSError, TimeoutError) as error:
            raise weather(error, f"writing {topics.RESTATED}") from error


def _span(quarter: str) -> tuple[int, int]:
    if not (found := re.fullmatch(r"(20\d\d)-Q([1-4])", quarter)):
        raise click.BadParameter(f"{quarter!r} is no quarter like 2026-Q3", param_hint="--quarter")
    began = moment.parse(f"{found[1]}-{3 * int(found[2]) - 2:02}-01T00:00:00+07:00")
    return next(window.containing("quarter", began))


def _ends_in(row: KpiRow, span: tuple[int, int]) -> bool:
    # A window ends where its last instant is over: midnight belongs to the day that it closes.
    return span[0] < row.window_end <= span[1]


def _counts(late: Late) -> Iterable[dict[str, Any]]:
    for (event_type, source), times in sorted(late.events.items()):
        yield {"kind": "events", "type": event_type, "source": source, "count": len(times),
               "first": moment.rfc3339(min(times)), "last": moment.rfc3339(max(times))}  # fmt: skip


def _show(late: Late) -> None:
    console = Console()
    rows, counts = late.rows(), list(_counts(late))
    changed = Table(box=None)
    for heading in (
        "kpi",
        "window",
        "scope",
        "until",
        "was / sebelum",
        "would be / sekarang",
        "causes / sebab",
        "told",
    ):
        changed.add_column(heading, overflow="fold")
    for old, new, causes in rows:
        changed.add_row(
            new.kpi, new.window, f"{new.scope_type}:{new.scope_id}", moment.rfc3339(new.window_end),
            _told(old), _told(new), _named(causes), moment.rfc3339(new.as_of),
        )  # fmt: skip
    console.print(changed if rows else "[dim]no final number would be another now[/dim]")
    events = Table(box=None)
    for heading in ("late events", "source", "count", "first", "last"):
        events.add_column(heading, overflow="fold")
    for one in counts:
        texts = (str(one[name]) for name in ("type", "source", "count", "first", "last"))
        events.add_row(*(escape(plain(text)) for text in texts))
    console.print(events if counts else "[dim]no event came too late[/dim]")


def _named(causes: Causes) -> str:
    more = " …" if causes.more else ""
    return escape(plain(", ".join(causes.names))) + more if causes.names else "–"


def _told(row: KpiRow) -> str:
    return f"{row.value or '–'} ({row.numerator}/{row.denominator})"
