"""Send files of a source through its connector into Kafka."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.registry import discover, names
from core.manifest import Manifest, Raw
from core.privacy import Pseudonymizer
from edge.files import payloads, plain
from edge.heartbeat import Heart, wall_clock
from edge.meter import Meter
from edge.sink import KafkaSink
from edge.source import Edge, Source
from jcoc import reach
from jcoc.exits import BadResult
from jcoc.parameters import OneOf
from jcoc.settings import Settings, current
from wire.producer import producer
from wire.topics import ensure

STDIN = Path("-")


@dataclass(slots=True)
class Summary:
    """What was sent; `bytes` after pseudonymization."""

    connector: str
    files: int = 0
    records: int = 0
    bytes: int = 0


@click.command()
@click.argument("name", type=OneOf("connector", names()))
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
def command(name: str, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Send FILEs of source NAME through its connector into Kafka; `-` is standard input.

    Gzip is unpacked.  Importing a file again changes nothing: its events have the same ids.
    """
    summary = reach.wait_for(_until_sent(discover()[name], files, current()))
    if as_json:
        click.echo(json.dumps(asdict(summary)))
        return
    click.echo(
        f"{summary.files} file{'s' * (summary.files != 1)}, {summary.records} records, "
        f"{summary.bytes} bytes sent to raw.{name}"
    )


async def _until_sent(manifest: Manifest, files: Sequence[Path], settings: Settings) -> Summary:
    """Send all; Ctrl-C or SIGTERM ends it with the number of records that Kafka has."""
    task = asyncio.ensure_future(_sent(manifest, files, settings))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise BadResult("stopped; import the files again to complete them") from None


async def _sent(manifest: Manifest, files: Sequence[Path], settings: Settings) -> Summary:
    kafka = reach.kafka(settings)
    secret = Pseudonymizer(settings.privacy.key(), settings.privacy.pseudonym_version)
    meter = Meter()
    await ensure(kafka, [manifest.name], patience_s=reach.PATIENCE_S)
    async with AsyncExitStack() as held:
        sink = KafkaSink(partial(producer, kafka, patience_s=0))
        held.push_async_callback(sink.close)
        source = Source(manifest, None, Edge(sink, secret, meter, Heart(meter)))
        progress = held.enter_context(_progress())
        for path in files:
            await _send_file(source, path, progress)
    name = {"source": manifest.name}
    return Summary(
        connector=manifest.name,
        files=len(files),
        records=int(meter.count("jcoc_edge_records_sent_total", **name)),
        bytes=int(meter.count("jcoc_edge_sent_bytes_total", **name)),
    )


async def _send_file(source: Source, path: Path, progress: Progress) -> None:
    found = read(source.manifest, path, {"file": label(path)}, wall_clock())
    task = progress.add_task(label(path), total=sum(len(raw.body) for raw in found))
    for raw in found:
        await source.take(raw)
        progress.advance(task, len(raw.body))
    await source.outbox.settled()


def label(path: Path) -> str:
    """How a file is named in headers: without its folder, which is nobody's business."""
    return "stdin" if path == STDIN else path.name


def read(manifest: Manifest, path: Path, headers: Mapping[str, str], received_at: int) -> list[Raw]:
    """The payloads of a file.  Raises BadResult (exit 1) when it cannot be read or unpacked."""
    try:
        content = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
        return payloads(manifest, plain(content), received_at, headers)
    except (OSError, ValueError) as error:
        raise BadResult(f"{path}: {error}") from error


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
