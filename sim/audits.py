"""What an auditor's replay found on a day: one KPI as published, one with a row that is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core import moment
from core.events import Event, event_id

SOURCE = "audit"


class Run(NamedTuple):
    """Final rows of one KPI: compared, and the same."""

    at: int
    kpi: str
    compared: int
    identical: int


def runs(day: int) -> list[Run]:
    """The auditor's work of the morning."""
    nine = day + 9 * moment.HOUR
    return [
        Run(nine, "cctv_availability_pct", 288, 288),
        Run(nine, "sipaten_on_time_pct", 41, 40),
        Run(nine + moment.HOUR, "sikesal_local_sla_on_time_pct", 0, 0),
    ]


def audit_events(day: int) -> Iterator[Event]:
    """Each of them as an event."""
    for run in runs(day):
        name = f"{moment.rfc3339(run.at)}|{run.kpi}"
        yield Event("audit.replayed", event_id(SOURCE, name, "replayed"), run.at, SOURCE,
                    {"case_id": name, "kpi": run.kpi, "compared": run.compared,
                     "identical": run.identical})  # fmt: skip
