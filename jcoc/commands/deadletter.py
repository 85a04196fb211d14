"""Read the rejected records."""

from __future__ import annotations

import json
import re
import sys

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core import moment, topics
from core.outcome import Reason
from jcoc.exits import BadResult
from jcoc.parameters import OneOf
from jcoc.reach import PATIENCE_S, kafka, wait_for
from jcoc.settings import Settings, current
from wire.deadletters import DeadLetter
from wire.deadletters import read as read_letter
from wire.reader import read


@click.group()
def command() -> None:
    """Read the rejected records: what was wrong, where it came from, its raw bytes."""


@command.command("list")
@click.option("--reason", type=OneOf("reason", [reason.value for reason in Reason]))
@click.option("--source", help="Only rejects of this connector.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
def list_(reason: str | None, source: str | None, *, as_json: bool) -> None:
    """List rejected records, oldest first."""
    letters = [
        letter
        for letter in wait_for(_letters(current()))
        if reason in (None, letter.reason) and source in (None, letter.connector)
    ]
    if as_json:
        sys.stdout.writelines(json.dumps(_flat(letter)) + "\n" for letter in letters)
        return
    table = Table(box=None)
    for name in ("index", "time", "connector", "reason", "origin", "bytes", "detail"):
        table.add_column(name, no_wrap=name in ("index", "time"), overflow="fold")
    for letter in letters:
        flat = {name: escape(plain(str(value))) for name, value in _flat(letter).items()}
        table.add_row(
            *(flat[name] for name in ("index", "time", "connector", "reason")),
            escape(plain(letter.origin)),
            *(flat[name] for name in ("bytes", "detail")),
        )
    Console().print(table if letters else "[dim]no dead letters[/dim]")


@command.command()
@click.argument("which", metavar="TOPIC/PARTITION/OFFSET | INDEX")
@click.option("--raw", is_flag=True, help="Write the raw bytes, and nothing else, to stdout.")
def show(which: str, *, raw: bool) -> None:
    """Show one rejected record, by where it came from or by its index in the list.

    One payload may hold several bad records: its TOPIC/PARTITION/OFFSET then shows them all.
    """
    if not re.fullmatch(r"\d+|[\w.-]+/\d+/\d+", which):
        raise click.BadParameter(f"{which!r} is neither TOPIC/PARTITION/OFFSET nor an index")
    found = [x for x in wait_for(_letters(current())) if which in (str(x.index), x.origin)]
    if not found:
        raise BadResult(f"no dead letter {which}; `jcoc deadletter list` shows what there is")
    for letter in found:
        if raw:
            sys.stdout.buffer.write(letter.raw)
        else:
            click.echo(_story(letter))


async def _letters(settings: Settings) -> list[DeadLetter]:
    records = read(kafka(settings), [topics.DEADLETTER], patience_s=PATIENCE_S)
    return [read_letter(record) async for record in records]


def _flat(letter: DeadLetter) -> dict[str, str | int | None]:
    return {
        "index": letter.index,
        "time": None if letter.at is None else moment.rfc3339(letter.at),
        "connector": letter.connector,
        "reason": letter.reason,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "bytes": len(letter.raw),
        "detail": letter.detail,
    }


def _story(letter: DeadLetter) -> str:
    lines = [f"{name}: {plain(str(value))}" for name, value in _flat(letter).items()]
    return "\n".join([*lines, "", readable(letter.raw), ""])


def plain(text: str) -> str:
    """Text without control characters: what a source sent must not steer the terminal."""
    return "".join(x if x.isprintable() or x in "\n\t" else f"\\x{ord(x):02x}" for x in text)


def readable(raw: bytes) -> str:
    """Raw bytes as text where they are text, else as a hex dump of 16 bytes a line."""
    try:
        return plain(raw.decode())
    except UnicodeDecodeError:
        rows = (raw[start : start + 16] for start in range(0, len(raw), 16))
        return "\n".join(f"{16 * n:08x}  {row.hex(' ')}" for n, row in enumerate(rows))
