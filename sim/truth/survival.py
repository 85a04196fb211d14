"""Half of the complaints are solved by which age, with those that are still open (catalogue 6).

Every case that is one of its own is followed from its filing until it is solved, ends otherwise, or
the window ends.  A window sees of it the ages at which it was open in the window: one that was open
before comes in at its age at the window's start.  At each age at which a case was solved those that
were open at that age in the window are asked; the share of them that was not solved multiplies
what is left.  The first age at which half or less is left is told, unless fewer than five were
open at it or at one before it.  Ages are whole seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from core import moment
from sim.truth.standing import Standing
from sim.truth.windows import Window

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Life:
    """Seconds: when a case was filed, when it ended or was lost sight of, and whether solved."""

    filed: int
    ended: int | None
    solved: bool


def life(case: Standing) -> Life | None:
    """How long a case is followed; None of one that is not one of its own."""
    if case.linked or case.copy or case.complaint.origin_ref:
        return None
    if case.complaint.kind in ("aspiration", "wbs"):
        return None
    solved = case.resolved_at is not None and case.gone is None
    ended = case.resolved_at if solved else case.ended_at
    filed = case.first_filed // moment.SECOND
    return Life(filed, None if ended is None else ended // moment.SECOND, solved)


def half(cases: Iterable[Standing], window: Window) -> int | None:
    """Seconds; None where it never gets there or too few are asked."""
    start, end = window.start // moment.SECOND, window.end // moment.SECOND
    spans: list[tuple[int, int, bool]] = []
    for one in map(life, cases):
        if one is None or one.filed >= end or (one.ended is not None and one.ended < start):
            continue
        last = end if one.ended is None or one.ended >= end else one.ended
        # What happens at the very end belongs to the next window.
        solved = one.solved and one.ended is not None and one.ended < end
        spans.append((max(start - one.filed, 0), last - one.filed, solved))
    left = Fraction(1)
    for age in sorted({last for _, last, solved in spans if solved}):
        asked = [(last, solved) for first, last, solved in spans if first <= age <= last]
        if len(asked) < FEWEST:
            return None
        left *= 1 - Fraction(sum(solved and last == age for last, solved in asked), len(asked))
        if left <= Fraction(1, 2):
            return age
    return None
