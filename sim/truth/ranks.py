"""Percentiles and shares as they are shown."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from core import moment
from sim.truth.decimals import decimals


def nearest_rank(numbers: Collection[int], percent: int) -> int | None:
    """The smallest with at least so many percent of all at or below it; None of none."""
    in_order = sorted(numbers)
    return next(
        (one for place, one in enumerate(in_order, 1) if place * 100 >= len(in_order) * percent),
        None,
    )


def seconds(number: int | None) -> str | None:
    """Whole seconds, as they are shown."""
    return None if number is None else decimals(Fraction(number), 2)


def hours(number: int | None) -> str | None:
    """Whole seconds as hours."""
    return None if number is None else decimals(Fraction(number, 3600), 2)


def share(part: int, whole: int) -> str | None:
    """Percent; None of none."""
    return decimals(Fraction(100 * part, whole), 2) if whole else None


def whole_seconds(microseconds: int) -> int:
    """Rounded down."""
    return microseconds // moment.SECOND
