"""All true rows of a story."""

from __future__ import annotations

from sim.story import Story
from sim.truth import evidence, score
from sim.truth.kpi import truths
from sim.truth.windows import Row, ending

__all__ = ["Row", "left_out", "rows"]


def rows(story: Story) -> list[Row]:
    """The rows of the windows that end with the story's day (and its 288 five minutes)."""
    found: list[Row] = []
    for truth in truths():
        for name in truth.windows:
            found += truth.rows(story, ending(name, story.end))
    found.append(evidence.row(left_out(story, found), story.beats, ending("1d", story.end)))
    found += list(score.rows(story, found))
    return sorted(found, key=_city_first)


def _city_first(row: Row) -> tuple[str, str, bool, str, str, int]:
    below = row.scope_type != "city"
    return (row.kpi, row.window, below, row.scope_type, row.scope_id, row.window_start)


def left_out(story: Story, found: list[Row]) -> dict[str, tuple[int, int]]:
    """Per KPI: cases left out of the city's 1d row, and those in it."""
    day = ending("1d", story.end)
    denominators = {
        row.kpi: row.denominator for row in found if row.window == "1d" and row.scope_type == "city"
    }
    return {
        t.kpi: (t.left_out(story, day), t.cases(story, day) if t.cases else denominators[t.kpi])
        for t in evidence.daily()
    }
