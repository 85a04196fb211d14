"""Official indices (catalogue section 8): the table in force, shown and never computed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric

from core.law import SHOWN
from core.outcome import Halt, Retry
from core.tables import IndexTable, shipped
from core.versions import history
from wire import reference_log
from wire.codec import Codec
from wire.config import Kafka
from wire.registry import Registry

LOOKS_EVERY_S = 60.0
LABELS = ("index", "year", "place", "value", "grade", "rank", "scale", "authority", "kpi")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Official:
    """The table that is shown; until another is loaded, what shipped."""

    table: IndexTable = field(default_factory=lambda: shipped(IndexTable))

    def metrics(self) -> Iterator[Metric]:
        """One series an index and KPI that it stands beside; its figures are labels, for they are
        words of an authority and no measurements.
        """
        gauge = GaugeMetricFamily(
            "jcoc_official_index_info",
            "Official indices as their authority gave them; always 1.",
            labels=LABELS,
        )
        for one in self.table.indices:
            said = [one.value, one.grade, one.rank, one.scale, one.authority]
            for kpi in one.kpis or [""]:
                gauge.add_metric([one.name, str(one.year), one.of, *said, kpi], 1)
        yield gauge


async def follow(kafka: Kafka, registry_url: str, official: Official) -> None:
    """Show the version in force, looked up once a minute until cancelled.

    While Kafka or the registry is away the last one stays.
    """
    while True:
        try:
            async with Registry(registry_url) as schemas:
                copies = await reference_log.copies(kafka, Codec({}, schemas), (SHOWN,))
            found = history(SHOWN, (copy.event for copy in copies))[-1].table
            assert isinstance(found, IndexTable)
            official.table = found
        except (Retry, Halt, LookupError) as away:
            # They are shown beside the numbers: the numbers must not stop for them.
            log.warning("official indices stay as they were", why=str(away))
        await asyncio.sleep(LOOKS_EVERY_S)
