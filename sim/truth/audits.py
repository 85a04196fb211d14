"""True numbers of reproducibility (catalogue 18): rows of the window's runs, also by KPI."""

from __future__ import annotations

from collections.abc import Iterator

from sim.audits import SOURCE, runs
from sim.story import Story
from sim.truth.kpi import Truth
from sim.truth.windows import APPS, Row, Window

KPI = "replay_reproducibility_pct"


def _rows(story: Story, window: Window) -> Iterator[Row]:
    found = [run for day in story.days for run in runs(day) if window.holds(run.at)]
    below = [("category", run.kpi) for run in found if run.compared]
    for scope, name in [("city", "city"), *below]:
        own = [run for run in found if name in ("city", run.kpi)]
        yield Row(KPI, window.name, scope, name, window.start, window.end,
                  sum(run.identical for run in own), sum(run.compared for run in own))  # fmt: skip


TRUTHS = (Truth(KPI, (SOURCE,), ("1d", "month"), _rows, horizon=APPS),)
