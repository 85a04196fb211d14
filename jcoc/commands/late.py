"""What came too late: final numbers that would be others now, and events that changed nothing."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core import moment, topics, window
from core.kpis import by_id
from core.publication import Identity
from core.rows import Finality, KpiRow
from jcoc.commands.deadletter import plain
from jcoc.commands.kpis import Choice, published
from jcoc.exits import BadResult
from jcoc.parameters import OneOf
from jcoc.reach import PATIENCE_S, kafka, wait_for
from jcoc.settings import Settings, current
from wire.reader import read

_NUMBER = ("numerator", "denominator", "value", "status")


class Restated(NamedTuple):
    """A final row, and what its window would say by the newest that was told of it."""

    old: KpiRow
    new: KpiRow

    def to_json(self) -> dict[str, Any]:
        """`kpi.restated` of convention C5 under stable names, times in RFC 3339."""
        return {
            "kind": "restated",
            "kpi": self.new.kpi,
            "window": self.new.window,
            "scope_type": self.new.scope_type,
            "scope_id": self.new.scope_id,
            "window_start": moment.rfc3339(self.new.window_start),
            "window_end": moment.rfc3339(self.new.window_end),
            "old": {name: getattr(self.old, name) for name in _NUMBER},
            "new": {name: getattr(self.new, name) for name in _NUMBER},
            "told_at": moment.rfc3339(self.new.as_of),
        }


@dataclass
class Late:
    """All of it: the newest restatement of each window, events by (type, source)."""

    final: dict[Identity, KpiRow] = field(default_factory=dict)
    restated: dict[Identity, KpiRow] = field(default_factory=dict)
    events: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """When each happened."""
    flaws: list[str] = field(default_factory=list)

    def rows(self) -> list[Restated]:
        """In order of their windows; a window that says again what was published is none."""
        pairs = (
            Restated(self.final[i], row) for i, row in self.restated.items() if i in self.final
        )
        changed = (pair for pair in pairs if _number(pair.old) != _number(pair.new))
        return sorted(changed, key=lambda pair: (pair.new.window_end, pair.new.identity))


@click.command()
@click.option(
    "--kpi", "kpis", type=OneOf("KPI", by_id()), multiple=True, help="Only this KPI; repeatable."
)
@click.option(
    "--quarter", metavar="YYYY-Qn", help="Only windows that end in this quarter, such as 2026-Q3."
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of tables.")
def command(kpis: tuple[str, ...], quarter: str | None, *, as_json: bool) -> None:
    """Show what came too late: final numbers that would be others now, and late events.

    A final number never changes.  Of each window that would say something else by now the old and
    the new number are shown; with --quarter this is the quarterly account of convention C5.  Late
    events are counted by type and source, whatever their window.

    Exits 1 when the log holds something else than rows and events.
    """
    span = None if quarter is None else _span(quarter)
    late = wait_for(_late(current(), kpis, span))
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
            row = KpiRow.from_record(record.value)
        except (ValueError, KeyError, TypeError) as error:
            where = f"{topics.LATE}/{record.partition}/{record.offset}"
            late.flaws.append(f"{where} is neither a KPI row nor an event: {error!r}")
            continue
        chosen = (not wanted or row.kpi in wanted) and (span is None or _ends_in(row, span))
        before = late.restated.get(row.identity)
        if chosen and (before is None or row.as_of >= before.as_of):
            late.restated[row.identity] = row
    if late.restated:
        told = {row.kpi for row in late.restated.values()}
        rows, flaws = await published(settings, Choice(tuple(told), None, None))
        late.final = {row.identity: row for row in rows if row.finality is Finality.FINAL}
        late.flaws += flaws
    return late


def _span(quarter: str) -> tuple[int, int]:
    if not (found := re.fullmatch(r"(20\d\d)-Q([1-4])", quarter)):
        raise click.BadParameter(f"{quarter!r} is no quarter like 2026-Q3", param_hint="--quarter")
    began = moment.parse(f"{found[1]}-{3 * int(found[2]) - 2:02}-01T00:00:00+07:00")
    return next(window.containing("quarter", began))


def _ends_in(row: KpiRow, span: tuple[int, int]) -> bool:
    # A window ends where its last instant is over: midnight belongs to the day that it closes.
    return span[0] < row.window_end <= span[1]


def _number(row: KpiRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _NUMBER)


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
        "told",
    ):
        changed.add_column(heading, overflow="fold")
    for old, new in rows:
        changed.add_row(
            new.kpi, new.window, f"{new.scope_type}:{new.scope_id}", moment.rfc3339(new.window_end),
            _told(old), _told(new), moment.rfc3339(new.as_of),
        )  # fmt: skip
    console.print(changed if rows else "[dim]no final number would be another now[/dim]")
    events = Table(box=None)
    for heading in ("late events", "source", "count", "first", "last"):
        events.add_column(heading, overflow="fold")
    for one in counts:
        texts = (str(one[name]) for name in ("type", "source", "count", "first", "last"))
        events.add_row(*(escape(plain(text)) for text in texts))
    console.print(events if counts else "[dim]no event came too late[/dim]")


def _told(row: KpiRow) -> str:
    return f"{row.value or '–'} ({row.numerator}/{row.denominator})"
