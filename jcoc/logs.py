"""How processes of ours log: one JSON object a line, on stderr."""

from __future__ import annotations

import logging

import click
import structlog


def log_json() -> None:
    """Set structlog up, and keep libraries to what our own lines do not already say."""
    # aiokafka logs each refused connection; we log once that Kafka is away.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(click.get_text_stream("stderr")),
    )
