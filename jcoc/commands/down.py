"""Stop the local stack; data and logs stay."""

from __future__ import annotations

import click

from jcoc.settings import current
from jcoc.stack.local import PARTS, LocalStack


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
def command(*, parts: tuple[str, ...]) -> None:
    """Stop the local stack, or only PARTS of it; data and logs stay."""
    stack = LocalStack.configured(current().stack)
    before = {row.part for row in stack.status() if row.pid is not None}
    stack.stop(parts or PARTS)
    stopped = sorted(before.intersection(parts or PARTS))
    click.echo(f"stopped {', '.join(stopped)}" if stopped else f"nothing ran in {stack.data}")
