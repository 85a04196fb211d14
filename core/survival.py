"""How long cases last when some have not ended: the Kaplan-Meier estimate, in exact integers.

A case is followed from when it began.  It ends solved, or is lost sight of (it ended in another
way), or is still open.  A window sees of each case only the ages at which it was open in the
window: one that was open before comes in at its age at the window's start (delayed entry), one
that is open at the end is censored at its age there.  Else old cases that nobody solves would
count at ages that the window never saw them at.

Three counters of whole seconds (`BESIDE`), summed like all others: `~o:<begun>`, +1 on the day on
which a case began and -1 on the day on which it ended, whose sum from the beginning of time up to
an instant are the cases that are open there; `~e:<age>`, solved; `~w:<age>`, lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from core import reference
from core.cells import BEFORE, BESIDE, SINCE, UNTIL, Share
from core.companion import Read
from core.moment import SECOND

OPEN = f"{BESIDE}o:"
"""What is carried over from before a window (`Kpi.carries`)."""
_SOLVED = f"{BESIDE}e:"
_LOST = f"{BESIDE}w:"


def followed(began: int, ended: int | None, *, solved: bool) -> Iterator[Share]:
    """What one case adds; nothing if it ended before it began.  Of the city alone."""
    if ended is not None and ended < began:
        return
    since = began // SECOND
    yield Share(began, {f"{OPEN}{since}": 1}, city_only=True)
    if ended is not None:
        age = ended // SECOND - since
        counters = {f"{OPEN}{since}": -1, f"{_SOLVED if solved else _LOST}{age}": 1}
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
    solved = _ages(counters, _SOLVED)
    came_in, begun = _open_ages(counters)
    gone = [*solved.items(), *_ages(counters, _LOST).items(), *begun]
    # From one age of a solution to the next: who is open there, and which share is unsolved.
    exits, entries = sorted(gone, reverse=True), sorted(came_in, reverse=True)
    at_risk = sum(count for _, count in exits) - sum(count for _, count in entries)
    unsolved, of = 1, 1
    for age in sorted(solved):
        while exits and exits[-1][0] < age:
            at_risk -= exits.pop()[1]
        while entries and entries[-1][0] <= age:
            at_risk += entries.pop()[1]
        if at_risk < reference.MINIMUM_CASES:
            return None
        unsolved, of = unsolved * (at_risk - solved[age]), of * at_risk
        if 2 * unsolved <= of:
            return age
    return None


def _ages(counters: Mapping[str, int], prefix: str) -> dict[int, int]:
    return {
        int(name.removeprefix(prefix)): count
        for name, count in counters.items()
        if name.startswith(prefix)
    }


def _open_ages(
    counters: Mapping[str, int],
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Ages and numbers of the cases that are open at the window's start, and at its end."""
    before = _ages(counters, BEFORE + OPEN)
    at_end = dict(before)
    for begun, count in _ages(counters, OPEN).items():
        at_end[begun] = at_end.get(begun, 0) + count
    since, until = counters.get(SINCE, 0), counters[UNTIL]
    return (
        [(since - begun, count) for begun, count in before.items()],
        [(until - begun, count) for begun, count in at_end.items() if count],
    )
