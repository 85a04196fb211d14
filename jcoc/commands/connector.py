"""Work on one connector: try a file, check its promises, start a new one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

import connectors
from connectors.registry import discover, names
from core import contract
from core.events import Event
from core.manifest import Manifest, Raw
from core.normalize import normalize
from core.outcome import Reject
from core.privacy import Pseudonymizer
from edge.intake import intake
from jcoc import scaffold
from jcoc.commands.import_ import label, read
from jcoc.exits import BadResult, Misconfigured
from jcoc.parameters import MOMENT, OneOf
from jcoc.settings import current

HOME = Path(connectors.__path__[0])
SUITE = HOME.parent / "tests" / "connectors" / "test_conformance.py"
TRIAL_KEY = Pseudonymizer(b"for trials only, never for data that is kept", "try")


@click.group()
def command() -> None:
    """Work on one connector: try a file, check its promises, start a new one."""


@command.command("try")
@click.argument("name", type=OneOf("connector", names()))
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option("--received-at", type=MOMENT, help="When the file came, RFC 3339.  [default: now]")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the transport would tell, such as topic=frigate/events; may be repeated.",
)
@click.pass_context
def try_(
    ctx: click.Context,
    name: str,
    file: Path,
    received_at: int | None,
    headers: tuple[str, ...],
) -> None:
    """Parse FILE with connector NAME; no broker needed.  `-` is standard input.

    Events go to stdout as JSON lines, rejects to stderr; exits 1 if there was a reject.
    """
    manifest = discover()[name]
    at = time.time_ns() // 1_000 if received_at is None else received_at
    told = {"file": label(file), **dict(_header(text) for text in headers)}
    counts: Counter[str] = Counter()
    for outcome in outcomes(manifest, read(manifest, file, told, at), _key()):
        if isinstance(outcome, Reject):
            counts[outcome.reason.value] += 1
            click.echo(_reject_line(outcome), err=True)
        else:
            counts["events"] += 1
            click.echo(contract.to_line(outcome))
    events = counts.pop("events", 0)
    click.echo(f"{events} events, {counts.total()} rejects{_by_reason(counts)}", err=True)
    ctx.exit(1 if counts else 0)


@command.command()
@click.argument("name", type=OneOf("connector", names()))
def check(name: str) -> None:
    """Run the conformance suite for connector NAME; needs a checkout with the test tools."""
    if not SUITE.exists():
        raise Misconfigured(f"the conformance suite is not here: {SUITE}; run this in a checkout")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", str(SUITE), "-q", "-k", name], cwd=HOME.parent, check=False
    )
    if ended.returncode:
        raise BadResult(f"{name} does not keep every promise of a connector")
    click.echo(f"{name} keeps every promise of a connector")


@command.command()
@click.argument("name")
@click.option("--title", help="What people call the system.  [default: from NAME]")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=HOME,
    help="Folder of connectors to write into.  [default: the one of this checkout]",
)
def new(name: str, title: str | None, into: Path) -> None:
    """Write the folder of a new connector NAME that works at once; then make it yours."""
    title = title or name.replace("_", " ").capitalize()
    if flaw := scaffold.flaw(name, title, names()):
        raise click.BadParameter(flaw)
    if (into / name).exists():
        raise BadResult(f"{into / name} exists; it stays as it is")
    for path in scaffold.write(into / name, name, title):
        click.echo(path)
    click.echo(
        f"next: change samples/ and parse.py to what the source sends, "
        f"then `jcoc connector check {name}`",
        err=True,
    )


def outcomes(
    manifest: Manifest, payloads: list[Raw], key: Pseudonymizer
) -> Iterator[Event | Reject]:
    """What the edge and the normalize agent would make of the payloads."""
    for raw in payloads:
        for piece in intake(manifest, raw, key):
            yield from normalize(manifest, piece)


def _key() -> Pseudonymizer:
    section = current().privacy
    if section.pseudonym_key.get_secret_value():
        return Pseudonymizer(section.key(), section.pseudonym_version)
    click.echo(
        "note: no privacy.pseudonym_key is set, pseudonyms are for this trial only", err=True
    )
    return TRIAL_KEY


def _header(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--header")
    return name, value


def _reject_line(reject: Reject) -> str:
    raw = reject.raw.decode("utf-8", "backslashreplace")
    shown = {"reason": reject.reason.value, "detail": reject.detail, "raw": raw}
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _by_reason(counts: Counter[str]) -> str:
    listed = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
    return f" ({listed})" if listed else ""
