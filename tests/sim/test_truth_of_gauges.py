"""Truth of the 5-minute backlog: at an instant, as known at another."""

from __future__ import annotations

from dataclasses import replace

from core import moment
from sim import Month
from sim.post import Post
from sim.story import Scale, Story
from sim.truth import gauges
from tests.sim.making import due_on, step, wib

NOON = wib("2026-09-16T12:00")
FEW = Scale(complaints=20, services=5, detections=0, incidents=1, closures=1, grievances=1)
MONTH = Month(days=20, scale=FEW)


class Slow(Post):
    """What happens to complaints comes an hour later."""

    def arrives(self, area: str, at: int) -> int:
        return at + moment.HOUR if area == "complaint" else at


def story(post: Post) -> Story:
    late = due_on("2026-09-15", step("resolved", "2026-09-16T12:00"))
    young = due_on("2026-09-30", step("resolved", "2026-09-16T11:00"))
    return replace(MONTH.story, complaints=[late, young], post=post)


def test_what_happens_at_the_instant_has_not_happened_yet() -> None:
    found = [gauges.at(story(Post()), NOON + n * 5 * moment.MINUTE, MONTH.end) for n in (0, 1)]
    assert found == [(1, 1), (0, 0)]


def test_what_has_not_come_is_not_known() -> None:
    known = [NOON, NOON + moment.MINUTE, NOON + moment.HOUR + 1]
    assert [gauges.at(story(Slow()), NOON, at) for at in known] == [(1, 2), (1, 1), (1, 1)]
    assert gauges.at(story(Slow()), NOON + moment.HOUR, known[-1]) == (0, 0)


def test_each_of_the_hour_before_a_tick_is_told_and_final_after_72_hours_and_10_working_days(
) -> None:  # fmt: skip
    told = MONTH.snapshots(6 * moment.HOUR)
    assert len(told) == 20 * 4 * 12
    # Until 12:00 of Wednesday the 16th: 72 hours, and ten working days after Saturday the 19th.
    assert told[NOON] == wib("2026-10-03T00:00")
    assert told[MONTH.end] is None
    assert NOON - moment.HOUR not in told
    assert len(MONTH.snapshots()) == 20 * 24 * 12
