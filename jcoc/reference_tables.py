"""Put versions of reference tables in force on a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import moment, tables, topics
from core.law import IN_FORCE
from core.tables import Flawed, Table
from core.versions import Copy, loading
from jcoc.exits import Misconfigured
from jcoc.reach import PATIENCE_S
from wire import reference_log
from wire.codec import Codec
from wire.config import Kafka
from wire.reader import partitions
from wire.registry import Registry, ensure_schemas
from wire.topics import ensure

SINCE = moment.parse("2017-12-01T00:00:00+07:00")
"""No live source may tell of anything earlier, so what shipped names the law of all that comes."""

_STARTING_S = 30.0
"""A broker that was started just now may take its time."""


async def put(
    cluster: Kafka,
    schemas: Registry,
    wanted: Iterable[tuple[str, Table]],
    at: int,
    *,
    patience_s: float = PATIENCE_S,
) -> list[dict[str, Any]]:
    """Load tables, all or none; `partitions` of each is how many lacked it.

    Raises Misconfigured for one that may not follow what is loaded.
    """
    await ensure(cluster, (), patience_s=patience_s)
    named = [(name, f"ref.{name}", table) for name, table in wanted]
    types = tuple(event_type for _, event_type, _ in named)
    codec = Codec(await ensure_schemas(schemas, types, patience_s=patience_s), schemas)
    copies = await reference_log.copies(cluster, codec, [name for name, _, _ in named])
    numbers = await partitions(cluster)
    try:
        found = [
            (name, loading(name, table, at, copies, numbers[topics.city(event_type)]))
            for name, event_type, table in named
        ]
    except Flawed as error:
        raise Misconfigured(str(error)) from error
    told = []
    for name, one in found:
        await reference_log.write(cluster, codec, one)
        told.append({
            "table": name, "version": one.event.text("version"),
            "since": moment.rfc3339(one.event.occurred_at), "partitions": len(one.lacking),
            "judges": name in IN_FORCE,
        })  # fmt: skip
    return told


async def put_shipped(cluster: Kafka, schemas: Registry) -> list[dict[str, Any]]:
    """Load what shipped, of the tables of which nothing else was ever loaded.

    So a newcomer's log names the law it was judged by; a table that its operator changed, or that
    an older program loaded, is left to `jcoc ref load`.
    """
    copies = await reference_log.copies(cluster, Codec({}, schemas), tables.KINDS)
    return await put(cluster, schemas, _untouched(copies), SINCE, patience_s=_STARTING_S)


def _untouched(copies: Iterable[Copy]) -> list[tuple[str, Table]]:
    loaded = {(copy.event.type, copy.event.text("version")) for copy in copies}
    shipped = [(name, tables.shipped(kind)) for name, kind in tables.KINDS.items()]
    return [
        (name, table)
        for name, table in shipped
        if {version for kind, version in loaded if kind == f"ref.{name}"} <= {table.version}
    ]
