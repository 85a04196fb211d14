"""Days of the simulator one after the other, window by window, against their own truth."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest

from core import window
from core.events import Event
from core.moment import HOUR
from core.rows import KpiRow
from sim import Month
from sim.story import Scale
from tests.core.stories import newest, told

pytestmark = pytest.mark.long

STEP = 6 * HOUR
FEW = Scale(complaints=120, services=80, detections=4, incidents=20, closures=20)
# The second of these days ends a month and a quarter.
DAYS: dict[str, Any] = {"date": date(2026, 9, 29), "days": 3, "scale": FEW}
CALM, TROUBLED = Month(**DAYS), Month(**DAYS, trouble=True)
Identity = tuple[Any, ...]

truth = cache(Month.truth)


def segments(month: Month) -> list[tuple[int, list[Event]]]:
    """What comes up to each tick."""
    made: list[tuple[int, list[Event]]] = [
        (tick, []) for tick in range(month.start, month.end + 1, STEP)
    ]
    for at, event in month.arrivals():
        number = max(0, (at - month.start) // STEP + 1)
        if number < len(made):
            made[number][1].append(event)
    return made


@cache
def published(month: Month, partitions: int) -> dict[Identity, KpiRow]:
    """The last revision of each window."""
    return newest(told(segments(month), partitions))


def differences(month: Month) -> list[tuple[Identity, Any, Any]]:
    """Identity, what is true and what was published, where they are not the same."""
    rows, found = published(month, 3), []
    for true in truth(month, STEP):
        names = ("kpi", "window", "scope_type", "scope_id", "window_start")
        identity = tuple(true[name] for name in names)
        said = rows.get(identity)
        got = said and (said.window_end, said.numerator, said.denominator)
        expected = (true["window_end"], true["numerator"], true["denominator"])
        # A short window without data is published only while it is news.
        nothing = said is None and window.is_short(true["window"]) and true["denominator"] == 0
        if got != expected and not nothing:
            found.append((identity, expected, got))
    return found


@pytest.mark.parametrize(
    "month", [pytest.param(CALM, id="calm"), pytest.param(TROUBLED, id="troubled")]
)
def test_every_true_row_of_the_month_is_published_as_it_is(month: Month) -> None:
    assert {row["window"] for row in truth(month, STEP)} >= {"1d", "28d", "month", "quarter"}
    assert differences(month) == []
