"""What the edge counts, per source."""

from __future__ import annotations

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge


class Meter:
    """Counters and gauges in a registry of their own."""

    def __init__(self) -> None:
        """Start at zero."""
        self.registry = CollectorRegistry()
        source = ("source",)
        self._records = self._counter("records_sent", "Records acknowledged by Kafka.", source)
        self._bytes = self._counter("sent_bytes", "Payload bytes acknowledged by Kafka.", source)
        self._retries = self._counter(
            "retries", "Calls repeated because the `world` (source, broker, registry) was away.",
            ("source", "world"),
        )  # fmt: skip
        self._requests = self._counter(
            "webhook_requests", "Pushed requests by HTTP status answered.", ("source", "status")
        )
        self._up = self._gauge("up", "1 while the connector runs and its source answers.", source)
        self._heard = self._gauge(
            "source_heard_timestamp_seconds", "When the source last proved to be alive.", source
        )
        self._cursor = self._gauge(
            "cursor_saved_timestamp_seconds",
            "When the cursor was last saved: its age is time() - this.",
            source,
        )

    def sent(self, source: str, size: int) -> None:
        """One record of `size` bytes is acknowledged."""
        self._records.labels(source).inc()
        self._bytes.labels(source).inc(size)

    def retried(self, source: str, world: Literal["source", "broker", "registry"]) -> None:
        """A call has to be repeated."""
        self._retries.labels(source, world).inc()

    def answered(self, source: str, status: int) -> None:
        """A pushed request got its answer."""
        self._requests.labels(source, str(status)).inc()

    def up(self, source: str, *, running: bool) -> None:
        """The connector is running, or stopped or waiting for its source."""
        self._up.labels(source).set(running)

    def heard(self, source: str, at: int) -> None:
        """The source proved to be alive at moment `at`."""
        self._heard.labels(source).set(at / 1_000_000)

    def saved(self, source: str, at: int) -> None:
        """The source's cursor was saved at moment `at`."""
        self._cursor.labels(source).set(at / 1_000_000)

    def count(self, name: str, **labels: str) -> float:
        """Present value of a sample, 0 when there is none: for the closing summary and tests."""
        return self.registry.get_sample_value(name, labels) or 0.0

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"jcoc_edge_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, labels: tuple[str, ...]) -> Gauge:
        return Gauge(f"jcoc_edge_{name}", text, labels, registry=self.registry)
