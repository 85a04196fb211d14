"""Names of topics: the one place that knows them."""

from __future__ import annotations

PARTITIONS = 4
"""Partitions of every keyed topic unless the deployment chooses (`kafka.partitions`).

Equal for all of them, so that tasks are co-partitioned.
"""
MOST_PARTITIONS = 128
"""At each tick every fold tells every join: 16,384 messages with this many, 7 s of one worker's
CPU.  With 256 one worker did not finish a tick in a minute."""

PARTIALS = "kpi.partials"
PUBLISHED = "kpi.published"
LATE = "kpi.late"
RESTATED = "kpi.restated"
"""Of each quarter the final rows that came out otherwise: old, new and causes (C5)."""
CELLS = "cctv.cells"
RECOMPUTED = "sla.due_recomputed"
"""Due instants of open cases that another version of a reference table moved (C2c)."""
VERDICTS = "tri.verdict"
"""Verdicts on citizens' reports that moved (catalogue 5.4)."""
CLAIMS = "join.claims"
DEADLETTER = "deadletter"
CURSORS = "connector.cursors"
TICK = "clock.tick"

STAGES = ("normalize", "fold", "join", "publish")
"""Stages of the worker, in the order of an event's way."""


def raw(connector: str) -> str:
    """Topic of what a source sent: `raw.frigate`."""
    return f"raw.{connector}"


def city(event_type: str) -> str:
    """Topic of one canonical event type: `city.complaint.submitted`."""
    return f"city.{event_type}"


def changelog(stage: str) -> str:
    """Topic that keeps the state of a stage: `fold.changelog`."""
    return f"{stage}.changelog"
