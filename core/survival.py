"""How long cases last when some have not ended: the Kaplan-Meier estimate, in exact integers.

A case is followed from when it began.  It ends solved, or is lost sight of (it ended in another
way), or is still open.  A window sees of each case only the ages at which it was open in the
window: one that was open before comes in at its age at the window's start (delayed entry), one
that is open at the end is censored at its age there.  Else old cases that nobody solves would
count at ages that the window never saw them at.

Three histograms of whole seconds (`BESIDE`), summed like all others: `~o#<begun>`, +1 on the day on
which a case began and -1 on the day on which it ended, whose sum from the beginning of time up to
an instant are the cases that are open there; `~e#<age>`, solved; `~w#<age>`, lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from core import reference
from core.cells import BEFORE, BESIDE, SINCE, UNTIL, Share, add
from core.companion import Read
from core.histogram import bar, bars
from core.moment import SECOND

Whole = npt.NDArray[np.int64]
OPEN = f"{BESIDE}o"
"""What is carried over from before a window (`Kpi.carries`)."""
_SOLVED = f"{BESIDE}e"
_LOST = f"{BESIDE}w"


def followed(began: int, ended: int | None, *, solved: bool) -> Iterator[Share]:
    """What one case adds; nothing if it ended before it began.  Of the city alone."""
    if ended is not None and ended < began:
        return
    since = began // SECOND
    yield Share(began, {bar(OPEN, since): 1}, city_only=True)
    if ended is not None:
        age = ended // SECOND - since
        counters = {bar(OPEN, since): -1, bar(_SOLVED if solved else _LOST, age): 1}
        yield Share(ended, counters, city_only=True)


def half_solved(shown: Callable[[int], str]) -> Read:
    """The age by which half of the cases are solved; `shown` writes its seconds.

    None where the window never gets there, or fewer than `reference.MINIMUM_CASES` are left open
    at an age on the way (C7): two cases say nothing about half of all.
    """

    def read(counters: Mapping[str, int]) -> str | None:
        seconds = _half(counters)
        return None if seconds is None else shown(seconds)

    return read


def _half(counters: Mapping[str, int]) -> int | None:
    """Smallest age at which at most half of the cases are unsolved."""
    if UNTIL not in counters:
        return None  # Below the city nobody is followed.
    solved = bars(counters, _SOLVED)
    before = bars(counters, BEFORE + OPEN)
    at_end = dict(before)
    add(at_end, bars(counters, OPEN))
    came_in = _Ages(counters.get(SINCE, 0) - _numbers(before), before)
    lost = bars(counters, _LOST)
    left = (
        _Ages(_numbers(solved), solved),
        _Ages(_numbers(lost), lost),
        _Ages(counters[UNTIL] - _numbers(at_end), at_end),
    )
    # From one age of a solution to the next: who is open there, and which share is unsolved.
    ages = np.sort(_numbers(solved))
    at_risk = came_in.until(ages, "right") - came_in.total
    at_risk += sum(gone.total - gone.until(ages, "left") for gone in left)
    unsolved, of = 1, 1
    for age, open_there in zip(ages.tolist(), at_risk.tolist(), strict=True):
        if open_there < reference.MINIMUM_CASES:
            return None
        unsolved, of = unsolved * (open_there - solved[age]), of * open_there
        if 2 * unsolved <= of:
            return int(age)
    return None


class _Ages:
    """How many cases came or went at each age."""

    def __init__(self, ages: Whole, counts: Mapping[int, int]) -> None:
        """`counts` in the order of `ages`; these may come in any."""
        order = np.argsort(ages)
        self._ages = ages[order]
        self._sums = np.append(0, np.cumsum(np.fromiter(counts.values(), np.int64)[order]))
        self.total = self._sums[-1]

    def until(self, ages: Whole, side: Literal["left", "right"]) -> Whole:
        """How many up to each age: `right` with it, `left` without."""
        return self._sums[np.searchsorted(self._ages, ages, side)]


def _numbers(counts: Mapping[int, int]) -> Whole:
    return np.fromiter(counts, np.int64)
