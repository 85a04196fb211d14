"""Replay the log of city events and compare with every KPI row that was published."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from audit.city_log import CityLog
from audit.finding import IDENTITY, Finding, Report
from audit.replay import TICKS, Audit, Read
from core import contract, moment, topics
from core.events import Event, Value, event_id
from edge.heartbeat import heartbeat, wall_clock
from jcoc.exits import BadResult
from jcoc.parameters import MOMENT
from jcoc.reach import PATIENCE_S, kafka, registry, wait_for
from jcoc.settings import Settings, current
from wire.codec import Codec
from wire.letterbox import post
from wire.producer import producer
from wire.reader import end_offsets, read
from wire.registry import ensure_schemas

INPUTS = tuple(topics.city(name) for name in contract.types())
SOURCE = "audit"
_EVERY = 500
"""Records between two steps of the progress bar."""


@click.command()
@click.option("--from", "begin", type=MOMENT, help="Only windows that end after this, RFC 3339.")
@click.option("--to", "end", type=MOMENT, help="Only windows that end at or before this.")
@click.option(
    "--record", is_flag=True, help="Write what was found as events, for the KPI of audits."
)
@click.option("--json", "as_json", is_flag=True, help="Differences and the counts as JSON lines.")
def command(begin: int | None, end: int | None, *, record: bool, as_json: bool) -> None:
    """Replay the log of city events and compare with every KPI row that was published.

    Reads the whole of city.*, recomputes each window in each revision without the worker, and
    compares it bit for bit with kpi.published.  The last line counts: compared = identical +
    different + missing; missing rows are those that only one side has.  Rows of ticks after the
    newest published one are not counted: the worker may still be behind.  Verdicts on reports
    are compared with tri.verdict likewise, by the tick at which they moved.

    With --record the final rows compared of each KPI go to city.audit.replayed, from which
    replay_reproducibility_pct is made.

    Exits 0 only if at least one row was compared and all are identical.
    """
    report = wait_for(_replayed(current(), begin, end))
    if record:
        wait_for(_record(current(), runs(report, wall_clock())))
    for (topic, partition), holes in report.holes.items():
        spans = ", ".join(f"{first} to {next_ - 1}" for first, next_ in holes[:5])
        click.echo(f"{topic}/{partition}: no records with offsets {spans}", err=True)
    if as_json:
        differences = [one.to_json() for one in report.findings]
        differences += [one.to_json() for one in report.verdict_findings]
        for told in differences:
            click.echo(json.dumps(told, ensure_ascii=False))
        click.echo(json.dumps(report.to_json()))
    else:
        _tell(report)
    if not report.good:
        raise BadResult(_why(report))


def runs(report: Report, at: int) -> list[Event]:
    """What a replay at this moment found of the final rows of each KPI, and that it was alive."""
    found = []
    for kpi, (compared, identical) in sorted(report.finals.items()):
        run = f"{moment.rfc3339(at)}|{kpi}"
        fields: dict[str, Value] = {
            "case_id": run, "kpi": kpi, "compared": compared, "identical": identical,
        }  # fmt: skip
        found.append(Event("audit.replayed", event_id(SOURCE, run, "replayed"), at, SOURCE, fields))
    return [*found, heartbeat(SOURCE, at)]


async def _record(settings: Settings, events: list[Event]) -> None:
    cluster = kafka(settings)
    async with registry(settings) as schemas, producer(cluster, patience_s=PATIENCE_S) as sender:
        types = tuple({event.type for event in events})
        ids = await ensure_schemas(schemas, types, patience_s=PATIENCE_S)
        await post(sender, Codec(ids, schemas), events)


async def _replayed(settings: Settings, begin: int | None, end: int | None) -> Report:
    cluster = kafka(settings)
    audit = Audit(begin, end, partitions=await partitions(settings))
    published = 0
    async for record in read(cluster, [topics.PUBLISHED], patience_s=PATIENCE_S):
        audit.publish(record.offset, record.value)
        published = record.offset + 1
    # Asked after `kpi.published` was read: so every tick that was published is in the log.
    async for found in city(settings):
        audit.take(found)
    audit.finish()
    begin_late = {(topics.PUBLISHED, 0): published}
    async for record in read(cluster, [topics.PUBLISHED], begin=begin_late, patience_s=PATIENCE_S):
        audit.publish_late(record.offset, record.value)
    async for record in read(cluster, [topics.VERDICTS], patience_s=PATIENCE_S):
        audit.publish_verdict(record.offset, record.value)
    return audit.report()


async def partitions(settings: Settings) -> int:
    """How many the log of city events has."""
    return len(await end_offsets(kafka(settings), [TICKS]))


async def city(settings: Settings) -> AsyncIterator[Read]:
    """The log of city events up to its end of now, with a bar on a terminal."""
    cluster = kafka(settings)
    ends = await end_offsets(cluster, INPUTS)
    with _progress() as bar:
        task = bar.add_task("replaying", total=sum(ends.values()))
        async with registry(settings) as schemas:
            records = read(cluster, INPUTS, until=ends, patience_s=PATIENCE_S)
            since = 0
            async for found in CityLog(schemas).reads(records):
                yield found
                since += found.next - found.first
                if since >= _EVERY:
                    bar.advance(task, since)
                    since = 0


def _tell(report: Report) -> None:
    if report.findings:
        click.echo("\n".join(_lines(report.findings[0])))
    if report.skipped:
        click.echo(f"{report.skipped} records of city.* are no events and were skipped")
    if report.ahead:
        click.echo(f"{report.ahead} rows of later ticks are not published yet")
    click.echo(
        f"{report.ticks} ticks, {report.compared} rows compared: {report.identical} identical, "
        f"{report.different} different, {report.missing} missing"
    )
    for verdict in report.verdict_findings[:1]:
        click.echo(f"first verdict that differs: {json.dumps(verdict.to_json())}")
    click.echo(f"{report.verdicts} verdicts identical, {len(report.verdict_findings)} not")


def _lines(finding: Finding) -> list[str]:
    """The first difference, for reading."""
    told = finding.to_json()
    what = " ".join(f"{name}={told[name]}" for name in IDENTITY if name in told)
    lines = [f"first difference ({told['kind']}): {what}", f"  tick {told.get('as_of', '?')}"]
    lines += [
        f"  {name}: published {json.dumps(sides['published'])}, "
        f"recomputed {json.dumps(sides['recomputed'])}"
        for name, sides in told["fields"].items()
    ]
    if "published" in told:
        lines.append(f"  published record: {told['published']}")
    if "offset" in told:
        lines.append(f"  at {topics.PUBLISHED}/0/{told['offset']}")
    lines += [f"  input {where}: tick at offset {o}" for where, o in told["inputs"].items()]
    if told["contributors"]:
        lines.append(f"  counts: {', '.join(told['contributors'])}")
    return lines


def _why(report: Report) -> str:
    if report.verdict_findings and not report.findings:
        return f"{len(report.verdict_findings)} verdicts are not identical"
    if report.compared:
        return f"{report.different} rows are different, {report.missing} are missing"
    if report.ahead:
        return f"nothing to compare: {report.ahead} rows were recomputed, none is published yet"
    if report.ticks:
        return "nothing to compare: no row was published for these windows"
    return "nothing to compare: no tick is complete in all partitions, so nothing can be published"


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    return Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
