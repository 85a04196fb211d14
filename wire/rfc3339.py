"""Moments of many RFC 3339 texts at once, as `core.moment.rfc3339` writes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from core import moment
from core.bulk import Mask, Numbers

Bytes = np.ndarray[Any, np.dtype[np.uint8]]

_SHAPE = np.frombuffer(b"0000-00-00T00:00:00.000000Z", np.uint8)
_WHOLE = np.frombuffer(b"0000-00-00T00:00:00Z", np.uint8)
_DATE = 10
_MOST_DATES = 16
_UNITS = {11: 10 * moment.HOUR, 12: moment.HOUR, 14: 10 * moment.MINUTE, 15: moment.MINUTE,
          17: 10 * moment.SECOND, 18: moment.SECOND,
          **{20 + place: 10 ** (5 - place) for place in range(6)}}  # fmt: skip
_WEIGHTS = np.array([float(_UNITS.get(place, 0)) for place in range(len(_SHAPE))])
_DIGIT = ord("0")


def moments(texts: Bytes) -> tuple[Numbers, Mask]:
    """Moment of each row of letters, and whether it was read.

    Read is `2026-11-23T01:30:00Z` with six decimals or none; `moment.parse` says the same of it.
    """
    count, length = texts.shape
    shape = {len(_SHAPE): _SHAPE, len(_WHOLE): _WHOLE}.get(length)
    if shape is None:
        return np.zeros(count, np.int64), np.zeros(count, bool)
    is_digit = shape == _DIGIT
    digits = texts - np.uint8(_DIGIT)
    exact: Mask = np.all(np.where(is_digit, digits <= 9, texts == shape), axis=1)
    exact &= (digits[:, 11] * 10 + digits[:, 12] < 24) & (digits[:, 14] < 6) & (digits[:, 17] < 6)
    # Less than 10**11 microseconds in a day: the floats are exact.
    at = (digits * exact[:, None]).astype(np.float64) @ _WEIGHTS[:length]
    return at.astype(np.int64) + _days(texts[:, :_DATE], exact), exact


def _days(dates: Bytes, exact: Mask) -> Numbers:
    """Midnights of the dates; where there is no such date, `exact` is made false."""
    found = np.zeros(len(dates), np.int64)
    rest = np.flatnonzero(exact)
    for _ in range(_MOST_DATES):
        if not len(rest):
            return found
        first = dates[rest[0]]
        same = (dates[rest] == first).all(axis=1)
        try:
            found[rest[same]] = moment.parse(f"{first.tobytes().decode()}T00:00:00Z")
        except ValueError:
            exact[rest[same]] = False
        rest = rest[~same]
    exact[rest] = False
    return found
