"""Numbers as they are shown (C8)."""

from __future__ import annotations

import math
from fractions import Fraction


def decimals(number: Fraction, places: int) -> str:
    """Rounded half up."""
    units = math.floor(number * 10**places + Fraction(1, 2))
    whole, rest = divmod(units, 10**places)
    return f"{whole}.{rest:0{places}d}"
