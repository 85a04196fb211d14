"""The jobs of a whole city, and what is asked of each (issue of the KPIs, "speed and memory")."""

from __future__ import annotations

from collections.abc import Mapping

from bench.city import worker, year

ABOUT: Mapping[str, str] = {
    worker.CASES: worker.cases.__doc__ or "",
    worker.RESTORE: worker.restore.__doc__ or "",
    year.NAME: year.__doc__ or "",
}
"""What each measures."""
TARGETS: Mapping[str, str] = {
    worker.CASES: "at least 5,000 events a second, with state and changelog.",
    worker.RESTORE: "under 30 s with 100,000 open cases.",
    year.NAME: "under 60 s on one core, under 1 GiB.",
}
