"""Start the local stack: Kafka, schema registry, MQTT broker."""

from __future__ import annotations

from typing import Any

import click

from jcoc.commands.status import show
from jcoc.reach import wait_for
from jcoc.reference_tables import put_shipped
from jcoc.settings import current
from jcoc.stack.local import PARTS, LocalStack
from jcoc.stack.progress import downloads
from wire.config import Kafka
from wire.registry import Registry


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--wait/--no-wait", default=True, help="Return when all answer.  [default: wait]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def command(*, parts: tuple[str, ...], wait: bool, as_json: bool) -> None:
    """Start the local stack, or only PARTS of it; it runs until `jcoc down`.

    What already runs is left as it is.  The first start downloads about 200 MB.  When Kafka and
    registry answer, the reference tables that shipped are loaded, unless others were: `jcoc ref
    list` shows them.
    """
    chosen = parts or PARTS
    with downloads() as progress:
        stack = LocalStack.configured(current().stack, outlive=True, progress=progress)
        stack.start(chosen, wait=wait)
    if wait and {"kafka", "registry"} <= set(chosen):
        _tables(stack)
    show(stack.status(), as_json=as_json)


def _tables(stack: LocalStack) -> None:
    async def load() -> list[dict[str, Any]]:
        # What was set for another cluster is not for this one.
        cluster = Kafka(stack.bootstrap, partitions=current().kafka.partitions)
        async with Registry(stack.registry_url) as schemas:
            return await put_shipped(cluster, schemas)

    if new := [one["table"] for one in wait_for(load()) if one["partitions"]]:
        click.echo(f"reference tables loaded: {', '.join(new)}", err=True)
