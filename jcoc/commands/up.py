"""Start the local stack: Kafka, schema registry, MQTT broker."""

from __future__ import annotations

import click

from jcoc.commands.status import show
from jcoc.settings import current
from jcoc.stack.local import PARTS, LocalStack
from jcoc.stack.progress import downloads


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--wait/--no-wait", default=True, help="Return when all answer.  [default: wait]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def command(*, parts: tuple[str, ...], wait: bool, as_json: bool) -> None:
    """Start the local stack, or only PARTS of it; it runs until `jcoc down`.

    What already runs is left as it is.  The first start downloads about 200 MB.
    """
    with downloads() as progress:
        stack = LocalStack.configured(current().stack, outlive=True, progress=progress)
        stack.start(parts or PARTS, wait=wait)
    show(stack.status(), as_json=as_json)
