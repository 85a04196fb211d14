"""Metrics of a worker process; base units, names after the Prometheus conventions."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

RECORDS = Counter(
    "jcoc_source_records",
    "Records by source: received = accepted + duplicate + rejected once all is read.",
    ["source", "outcome"],
)
REJECTS = Counter("jcoc_rejects", "Rejected records by source and reason.", ["source", "reason"])
HOLES = Counter("jcoc_fetch_holes", "Batches that did not begin where the last ended.", ["topic"])
SEND_RETRIES = Counter("jcoc_send_retries", "Records that had to be sent again.", ["topic"])
REBALANCES = Counter("jcoc_rebalances", "Times that this worker was given partitions anew.")
LAG = Gauge(
    "jcoc_worker_lag_records",
    "Records in Kafka that are not processed yet.",
    ["topic", "partition"],
)
WATERMARK = Gauge(
    "jcoc_watermark_timestamp_seconds",
    "Event time of the last tick closed.",
    ["stage", "partition"],
)
HELD = Gauge(
    "jcoc_fold_held_records", "Records in memory that wait for the next tick.", ["partition"]
)
