"""True numbers of the level of service (catalogue 25), quarter by quarter.

From 06:00 to 21:00; ten minutes with a delay or more.  The delay of a quarter is the mean of all
its measurements with one, weighted with their volumes, rounded half-up to 0.1 s; up to 25.0 s it
is C or better.  Left out: quarters with fewer than ten measured minutes (`few_minutes`), those with
enough of them but no delay in ten (`no_delay`), those in which nobody passed (`no_volume`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core import moment
from sim import workdays
from sim.flows import SOURCE, Measurement
from sim.story import Story
from sim.truth.kpi import Beside, Reasons, Truth
from sim.truth.ranks import share
from sim.truth.windows import SENSORS, Row, Window, by_reason

KPI = "intersection_los_ok_pct"
QUARTER = 15 * moment.MINUTE
ENOUGH = 10
WORST_C = Decimal("25.0")
PEAK = (6, 7, 8, 16, 17, 18)
RAMADAN = (date(2026, 2, 19), date(2026, 3, 20))


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter of an hour at one intersection; `delay` is None where it has none."""

    intersection_id: str
    start: int
    delay: Decimal | None
    left_out: str | None

    @property
    def good(self) -> bool:
        """Level C or better."""
        return self.delay is not None and self.delay <= WORST_C


def quarters(measurements: list[Measurement], window: Window) -> list[Quarter]:
    """Every quarter of the window in the hours that count."""
    together: dict[tuple[str, int], list[Measurement]] = defaultdict(list)
    for one in measurements:
        start = one.at // QUARTER * QUARTER
        hour = (start - moment.wib_day_start(start)) // moment.HOUR
        if window.holds(start) and 6 <= hour < 21:
            together[one.intersection_id, start].append(one)
    return [Quarter(*key, delay(found), left_out(found)) for key, found in sorted(together.items())]


def left_out(found: list[Measurement]) -> str | None:
    """Why a quarter has no delay; None when it has one."""
    told = [one for one in found if one.delay is not None]
    if len({one.at // moment.MINUTE for one in found}) < ENOUGH:
        return "few_minutes"
    if len({one.at // moment.MINUTE for one in told}) < ENOUGH:
        return "no_delay"
    return None if any(one.volume for one in told) else "no_volume"


def delay(found: list[Measurement]) -> Decimal | None:
    """Seconds to 0.1; None where the quarter is left out."""
    told = [(one.delay, one.volume, one.at) for one in found if one.delay is not None]
    if len({at // moment.MINUTE for _, _, at in told}) < ENOUGH:
        return None
    volume = sum(Decimal(str(smp)) for _, smp, _ in told)
    if not volume:
        return None
    total = sum(Decimal(str(seconds)) * Decimal(str(smp)) for seconds, smp, _ in told)
    return (total / volume).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _rows(story: Story, window: Window) -> Iterator[Row]:
    counted = [q for q in quarters(story.measurements, window) if q.delay is not None]
    scopes = [("city", "city", counted)]
    for name in sorted({quarter.intersection_id for quarter in counted}):
        scopes.append(("intersection", name, [q for q in counted if q.intersection_id == name]))
    for scope, name, part in scopes:
        good = sum(quarter.good for quarter in part)
        yield Row(KPI, window.name, scope, name, window.start, window.end, good, len(part))


def _left_out(story: Story, window: Window) -> Reasons:
    return by_reason(
        (one.left_out, [("intersection", one.intersection_id)])
        for one in quarters(story.measurements, window) if one.left_out
    )  # fmt: skip


def _beside(story: Story, row: Row) -> Beside:
    """Peak hours (06-09, 16-19 WIB) and the others; holidays and Ramadan, of which the days here
    have none but those of `sim.workdays`."""
    own = [one for one in quarters(story.measurements, row.span) if one.delay is not None
           and row.scope in (("city", "city"), ("intersection", one.intersection_id))]  # fmt: skip
    peak = [one.good for one in own if (one.start // moment.HOUR + 7) % 24 in PEAK]
    other = [one.good for one in own if (one.start // moment.HOUR + 7) % 24 not in PEAK]
    days = [workdays.wib_date(one.start) for one in own]
    return {
        "peak_pct": share(sum(peak), len(peak)),
        "off_peak_pct": share(sum(other), len(other)),
        "holiday_quarters": str(sum(day in workdays.DAYS_OFF for day in days)),
        "ramadan_quarters": str(sum(RAMADAN[0] <= day <= RAMADAN[1] for day in days)),
    }


TRUTHS = (Truth(KPI, (SOURCE,), ("1d", "28d"), _rows, _left_out, horizon=SENSORS, beside=_beside),)
