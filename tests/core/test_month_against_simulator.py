"""Days of the simulator one after the other, window by window, against their own truth."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest

from core.events import Event
from core.moment import HOUR
from core.rows import KpiRow
from sim import Month
from sim.story import Scale
from tests.core.stories import Identity, newest, told, untrue

pytestmark = pytest.mark.long

STEP = 6 * HOUR
FEW = Scale(complaints=120, services=80, detections=4, incidents=20, closures=20)
# The second of these days ends a month and a quarter.
DAYS: dict[str, Any] = {"date": date(2026, 9, 29), "days": 3, "scale": FEW}
CALM, TROUBLED = Month(**DAYS), Month(**DAYS, trouble=True)

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
    return untrue(truth(month, STEP), published(month, 3))


@pytest.mark.parametrize(
    "month", [pytest.param(CALM, id="calm"), pytest.param(TROUBLED, id="troubled")]
)
def test_every_true_row_of_the_month_is_published_as_it_is(month: Month) -> None:
    assert {row["window"] for row in truth(month, STEP)} >= {"1d", "28d", "month", "quarter"}
    assert differences(month) == []
