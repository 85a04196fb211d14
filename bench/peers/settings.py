"""How Quix Streams and Bytewax are configured: read where they run, and shown in the document."""

from __future__ import annotations

from typing import Any

READING: dict[str, Any] = {
    "fetch.message.max.bytes": 4_194_304,
    "queued.max.messages.kbytes": 65_536,
}
WRITING: dict[str, Any] = {
    "acks": "all",
    "enable.idempotence": True,
    "compression.type": "lz4",
    "linger.ms": 20,
    "batch.size": 262_144,
}
QUIX_APPLICATION: dict[str, Any] = {
    "auto_offset_reset": "earliest",
    "commit_interval": 1.0,
    "consumer_poll_timeout": 0.2,
    "use_changelog_topics": True,
    "loglevel": "WARNING",
}
BYTEWAX_BATCH = 10_000
BYTEWAX_EPOCH_S = 1.0
QUIX = {**QUIX_APPLICATION, **READING, **WRITING}
BYTEWAX = {
    "batch_size": BYTEWAX_BATCH,
    "epoch_interval_s": BYTEWAX_EPOCH_S,
    "workers": 1,
    **READING,
    **WRITING,
}


def librdkafka(settings: dict[str, Any]) -> dict[str, str]:
    """The same as text, which is what Bytewax takes."""
    return {name: str(value).lower() for name, value in settings.items()}
