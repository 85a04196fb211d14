"""Starts the Faust app as a process of its own."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faust
import structlog
from prometheus_client import start_http_server

from core import topics
from streams.app import build
from streams.runtime import Runtime, prepare
from wire.clock import ticker
from wire.config import Kafka

_ALLOCATIONS = 50_000
"""Objects that come into being before the collector looks at the young ones."""


def run(
    kafka: Kafka,
    registry_url: str,
    datadir: Path,
    *,
    wall_clock: bool,
    metrics_port: int | None = None,
    metrics_host: str = "127.0.0.1",
    group: str = "jcoc-worker",
    session_timeout_s: float = 20.0,
    instance: str = "",
    stages: Iterable[str] = topics.STAGES,
) -> int:
    """Run until SIGTERM or Ctrl-C; the exit code.

    Waits for Kafka and the registry.  With `wall_clock` this worker ticks every minute; several
    workers may, the first tick of a minute wins.  The partitions of a worker that is silent for
    `session_timeout_s` move to the others.  With an `instance` that time also runs for a worker
    that ends in good order: if another begins with this name before, nothing moves.  `stages` are
    those that it runs.
    """
    _log_json()
    schema_ids = asyncio.run(prepare(kafka, registry_url))
    datadir.mkdir(parents=True, exist_ok=True)
    runtime = Runtime(kafka, registry_url, schema_ids, group=group)
    app = build(
        kafka,
        runtime,
        datadir,
        group=group,
        session_timeout_s=session_timeout_s,
        instance=instance,
        stages=stages,
    )
    if wall_clock:
        _tick(app, kafka, schema_ids)
    if metrics_port is not None:
        start_http_server(metrics_port, addr=metrics_host)

    worker = faust.Worker(
        app,
        quiet=True,
        loglevel="WARN",
        redirect_stdouts=False,
        override_logging=False,
        debug=False,
    )
    # What is there now stays: the collector need not look at it again, nor often at the rest,
    # which is columns more than objects.
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    worker.spinner = None  # quiet as it is, it would still switch the terminal's cursor
    try:
        worker.execute_from_commandline()
    except SystemExit as leaving:
        return int(leaving.code or 0)
    return 0


def _tick(app: Any, kafka: Kafka, schema_ids: dict[str, int]) -> None:
    async def wall_clock() -> None:
        async with ticker(kafka, schema_ids, "jcoc") as clock:
            await clock.run(every_s=5)

    app.task(wall_clock)


def _log_json() -> None:
    """Ours and the libraries' lines alike: one JSON object each, on stderr."""
    described: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    shown = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*described, shown],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *described],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    # Faust's timers share a loop with our batches: that they are late says nothing.
    logging.getLogger("mode.timers").setLevel(logging.ERROR)
