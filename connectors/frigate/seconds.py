"""Times as Frigate writes them, many at once: seconds with decimals to whole microseconds."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from core.bulk import Mask, Numbers
from core.moment import SECOND

_WHOLE, _POINT, _LONGEST = 10, 10, 17
"""`1607123955.475377`: ten digits are the years 2001 to 2286."""
_SHORTEST = 12
_PLACES = np.arange(_LONGEST)
_WEIGHTS = np.zeros((_LONGEST, 2))
_WEIGHTS[:_WHOLE, 0] = 10.0 ** np.arange(_WHOLE - 1, -1, -1)
_WEIGHTS[_POINT + 1 :, 1] = 10.0 ** np.arange(_LONGEST - _POINT - 2, -1, -1)
_ZERO, _DOT = ord("0"), ord(".")


def micros(numbers: Sequence[msgspec.Raw]) -> tuple[Numbers, Mask]:
    """Moment of each JSON value, and whether it was read.

    Read are ten digits, a point and one to six digits; nothing is rounded.
    """
    if not numbers:
        return np.zeros(0, np.int64), np.zeros(0, bool)
    # No byte of a JSON value is 0, so what is between two zeros is one of them.
    text = np.frombuffer(b"\0".join(numbers) + bytes(1 + _LONGEST), np.uint8)
    ends = np.flatnonzero(text == 0)[: len(numbers)]
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    digits = np.lib.stride_tricks.sliding_window_view(text, _LONGEST)[starts]
    point = digits[:, _POINT] == _DOT
    # Missing decimals are zeros; what is no digit becomes more than nine.
    digits = np.where(lengths[:, None] > _PLACES, digits, _ZERO) - np.uint8(_ZERO)
    digits[:, _POINT] = 0
    exact = point & (lengths >= _SHORTEST) & (lengths <= _LONGEST) & (digits.max(axis=1) <= 9)
    # Both parts are integers far below 2**53, so the floats are exact.
    parts = (digits.astype(np.float64) @ _WEIGHTS).astype(np.int64)
    return parts[:, 0] * SECOND + parts[:, 1], exact
