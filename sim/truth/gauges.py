"""True snapshots of every five minutes: the open cases past due (catalogue KPI 7).

Such a row is a gauge.  It is looked at when it is news and when it becomes final, so until then it
may say what was known at any tick since; which one, it says itself (`as_of`).  So what is true of
it depends on two moments, and this answers for any two.
"""

from __future__ import annotations

from fractions import Fraction

from core import moment
from sim.known import known_at
from sim.story import Story
from sim.truth.complaints import backlog, over_the_cap, reasons
from sim.truth.kpi import truths
from sim.truth.shown import Counted, Shown, shown, signs_of_life
from sim.truth.windows import CITY, COMPLAINTS, LENGTHS, Window

KPI = "complaint_overdue_backlog_pct"
_NEWS = moment.HOUR
"""For so long before a tick each snapshot is published; older ones are nobody's news any more."""


def at(story: Story, instant: int, known: int) -> tuple[int, int]:
    """Cases overdue and cases open in the city at an instant, as had come before `known`."""
    then = known_at(story, known)
    open_ones = [
        one for one in backlog(then.complaints, instant, known, then.decree) if not one.left_out
    ]
    return sum(one.good for one in open_ones), len(open_ones)


def said(story: Story, instant: int, known: int) -> Shown:
    """What the row of that instant says beside them."""
    window = Window("5min", instant - LENGTHS["5min"], instant)
    overdue, open_ones = at(story, instant, known)
    number = Fraction(100 * overdue, open_ones) if open_ones else None
    sources = next(truth.sources for truth in truths() if truth.kpi == KPI)
    alive = signs_of_life(known_at(story, known).beats, sources, window)
    final = COMPLAINTS.settled(window) <= known
    then = known_at(story, known)
    found = backlog(then.complaints, instant, known, then.decree)
    beside = over_the_cap(found, instant)
    what = Counted(number, open_ones, open_ones, reasons(found).get(CITY, {}))
    return shown(CITY, what, alive, final=final, beside=beside)


def told(story: Story, every: int) -> dict[int, int | None]:
    """Instants of which there must be a row, and the tick at which it becomes final, if it does.

    `every` is the time between two ticks.
    """
    size, found = LENGTHS["5min"], dict[int, int | None]()
    for tick in range(story.day + every, story.end + 1, every):
        first = max(tick - _NEWS, tick - every)
        for instant in range(first + size, tick + 1, size):
            settled = COMPLAINTS.settled(Window("5min", instant - size, instant)) - story.day
            final = story.day + -(-settled // every) * every
            found[instant] = final if final <= story.end else None
    return found
