"""How the exporter itself is doing, and what it shows.  Pure: the reader tells it what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from core.outcome import Reason, Reject
from streams.exporter.intake import REASONS, Scopes, admit
from streams.exporter.latest import Latest


@dataclass(slots=True)
class Shelf:
    """What one pass over `kpi.published`, from its first record on, has gathered."""

    scopes: Scopes
    latest: Latest = field(default_factory=Latest)
    rejected: Counter[Reason] = field(default_factory=Counter)
    stored_at: float | None = None
    """Unix seconds at which Kafka stored the newest row read."""

    def take(self, record: bytes, stored_at: float) -> Reject | None:
        """Take one record, and give it back when it cannot be shown."""
        self.stored_at = stored_at
        row = admit(record, self.scopes)
        if isinstance(row, Reject):
            self.rejected[row.reason] += 1
            return row
        self.latest.add(row)
        return None


@dataclass(slots=True)
class Feed:
    """What the reader last saw.  `shown` stays when Kafka goes away."""

    up: bool | None = None
    """Kafka answered the last question; None before the first."""
    lag: int | None = None
    """Records between what was read and the end of the topic, None before the first answer."""
    shown: Shelf | None = None
    """The pass that the metrics come from; None until the first one reached the end."""

    def metrics(self) -> Iterator[Metric]:
        """The exporter's own metrics, always there."""
        yield _gauge("jcoc_exporter_up", "1 while Kafka answers, else 0.", bool(self.up))
        ready = self.shown is not None
        yield _gauge("jcoc_exporter_caught_up", "1 once the history has been read.", ready)
        if self.lag is not None:
            yield _gauge("jcoc_exporter_lag_records", "Rows not read yet.", self.lag)
        if self.shown is not None and self.shown.stored_at is not None:
            name = "jcoc_exporter_last_row_timestamp_seconds"
            yield _gauge(name, "When Kafka stored the newest row read.", self.shown.stored_at)
        yield _rejected(Counter() if self.shown is None else self.shown.rejected)


def _rejected(counts: Counter[Reason]) -> Metric:
    rejected = CounterMetricFamily(
        "jcoc_exporter_rejected", "Records of kpi.published that are not shown.", labels=["reason"]
    )
    for reason in REASONS:
        rejected.add_metric([reason.value], counts[reason])
    return rejected


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))
