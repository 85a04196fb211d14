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
from math import prod
from typing import Literal

import numpy as np
import numpy.typing as npt

from core import reference
from core.cells import BEFORE, BESIDE, SINCE, UNTIL, Share
from core.companion import Read
from core.histogram import bar, bars
from core.moment import SECOND

Whole = npt.NDArray[np.int64]
OPEN = f"{BESIDE}o"
"""What is carried over from before a window (`Kpi.carries`)."""
_SOLVED = f"{BESIDE}e"
_LOST = f"{BESIDE}w"
_UNSURE = 1e-9


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
    solved, lost = bars(counters, _SOLVED), bars(counters, _LOST)
    before, since = bars(counters, BEFORE + OPEN), bars(counters, OPEN)
    begun = _numbers(before)
    came_in = _Ages(counters.get(SINCE, 0) - begun, before)
    left = (
        _Ages(_numbers(solved), solved),
        _Ages(_numbers(lost), lost),
        # Open at the end are those that were open before, and what came and went since.
        _Ages(counters[UNTIL] - begun, before),
        _Ages(counters[UNTIL] - _numbers(since), since),
    )
    # From one age of a solution to the next: who is open there, and how many are solved.
    ages = np.sort(_numbers(solved))
    at_risk = came_in.until(ages, "right") - came_in.total
    at_risk += sum(gone.total - gone.until(ages, "left") for gone in left)
    few = np.flatnonzero(at_risk < reference.MINIMUM_CASES)
    ages, at_risk = (told[: few[0] if few.size else ages.size] for told in (ages, at_risk))
    left_open = at_risk - np.fromiter((solved[age] for age in ages.tolist()), np.int64, ages.size)
    index = _first_half(left_open, at_risk)
    return None if index is None else int(ages[index])


def _first_half(left_open: Whole, of: Whole) -> int | None:
    """Index of the first of the products of shares that is at most 1/2; `of` has no zero.

    Floating point tells where that is plain (a product of n has an error of 2 n eps at most, some
    4e-10 of a million), and whole numbers where it is not.
    """
    products = np.cumprod(left_open / of)
    for index in np.flatnonzero(products <= 0.5 + _UNSURE).tolist():
        if products[index] < 0.5 - _UNSURE or _is_half(left_open[: index + 1], of[: index + 1]):
            return int(index)
    return None


def _is_half(left_open: Whole, of: Whole) -> bool:
    return bool(2 * prod(left_open.tolist()) <= prod(of.tolist()))


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
