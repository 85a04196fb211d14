"""All true rows of a story."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from core import moment
from sim.known import known_at
from sim.story import Story
from sim.truth import evidence, score
from sim.truth.kpi import Truth, truths
from sim.truth.windows import COMPLAINTS, Horizon, Row, Window, ending, ending_in

__all__ = ["Row", "left_out", "rows"]


def rows(story: Story, every: int = moment.HOUR) -> list[Row]:
    """The rows of every window that ends within the story, and was not empty when it was news.

    A row says what was known when it became final, at the first tick after its horizon; where that
    lies after the story's end, what is known then.  `every` is the time from one tick to the next.
    """
    asked: list[tuple[int, str, str, Window, Truth | None]] = []
    for truth in truths():
        for name in truth.windows:
            for window in ending_in(name, story.day, story.end):
                at = _when(truth.horizon, window, story, every)
                asked.append((at, truth.kpi, name, window, truth))
    for name in ("1d", "month", "quarter"):
        for window in ending_in(name, story.day, story.end):
            at = _when(COMPLAINTS, window, story, every)
            asked.append((at, evidence.KPI, name, window, None))
    found: list[Row] = []
    # By what was known: the story as known at one moment is asked for all of its rows at once.
    for at, _, _, window, of in sorted(asked, key=lambda one: (one[0], one[1], one[3].start)):
        known = known_at(story, at)
        made = of.rows(known, window) if of else [_evidence(known, window)]
        # Hours are published for the city only.
        found += [row for row in made if row.window != "1h" or row.scope_type == "city"]
    when = {(kpi, name, window.end): at for at, kpi, name, window, _ in asked}

    def known_of(row: Row) -> Story:
        return known_at(story, when[row.kpi, row.window, row.window_end])

    others = list(found)
    for name in score.COUNTING:
        for window in ending_in(name, story.day, story.end):
            found += score.rows(window, others, known_of)
    return sorted(found, key=_city_first)


def _when(horizon: Horizon, window: Window, story: Story, every: int) -> int:
    """The tick at which a row of the window was made for the last time."""
    settled = horizon.settled(window) - story.day
    return min(story.day + -(-settled // every) * every, story.end)


def _city_first(row: Row) -> tuple[str, str, bool, str, str, int]:
    below = row.scope_type != "city"
    return (row.kpi, row.window, below, row.scope_type, row.scope_id, row.window_start)


def _evidence(story: Story, window: Window) -> Row:
    """Of a longer window the sum of its days."""
    days = [_evidence_of(story, day) for day in range(window.start, window.end, moment.DAY)]
    good, all_ = (sum(count[index] for count in days) for index in (0, 1))
    return Row(evidence.KPI, window.name, "city", "city", window.start, window.end, good, all_)


@lru_cache(maxsize=400)
def _evidence_of(story: Story, start: int) -> tuple[int, int]:
    day = ending("1d", start + moment.DAY)
    row = evidence.row(dict(_left_out(story, day)), story.beats, day)
    return row.numerator, row.denominator


def left_out(story: Story) -> dict[str, tuple[int, int]]:
    """Per KPI: cases left out of the city's row of the last day, and those in it."""
    return dict(_left_out(story, ending("1d", story.end)))


def _left_out(story: Story, day: Window) -> Iterator[tuple[str, tuple[int, int]]]:
    for truth in evidence.daily():
        city = next(row for row in truth.rows(story, day) if row.scope_type == "city")
        cases = truth.cases(story, day) if truth.cases else city.denominator
        yield truth.kpi, (truth.left_out(story, day), cases)
