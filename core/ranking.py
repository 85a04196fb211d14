"""Ranking of scopes (convention C7): 20 cases at least, and never by the raw percentage.

Places are ordered by the lower bound of the 95 % Wilson interval of their good share (numerator,
or what is not in it where lower is better): few cases must not make a winner.  Kelurahan are not
ranked, for their reporters use different channels (catalogue 9), and a KPI without a direction has
no better and worse.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import NamedTuple

from core.kpi import Kpi
from core.kpis import by_id
from core.reference import RANKED_CASES
from core.rows import KpiRow, Status

_Z = Decimal("1.959963984540054")
"""The 97.5th percentile of the normal distribution."""
_UNRANKED = frozenset({"city", "kelurahan"})


class Ranked(NamedTuple):
    """A row in its place; `low` and `high` bound its own percentage, whatever direction is good."""

    place: int
    row: KpiRow
    low: Decimal
    high: Decimal


def wilson(hits: int, cases: int) -> tuple[Decimal, Decimal]:
    """Bounds of the 95 % interval of a share, in percent.  Raises ValueError without cases."""
    if not 0 <= hits <= cases or cases == 0:
        message = f"{hits} of {cases} is no share"
        raise ValueError(message)
    with localcontext(prec=28):
        square = _Z * _Z
        middle = 2 * hits + square
        spread = _Z * (square + Decimal(4 * hits * (cases - hits)) / cases).sqrt()
        whole = 2 * (cases + square)
        low, high = 100 * (middle - spread) / whole, 100 * (middle + spread) / whole
        # At the ends the root is exact in theory and not in digits.
        return low if hits else Decimal(0), high if hits < cases else Decimal(100)


def is_ranked(kpi: Kpi, scope_type: str) -> bool:
    """Whether scopes of the kind may be compared by the KPI."""
    share_of_cases = kpi.unit == "percent" and kpi.higher_is_better is not None
    return share_of_cases and scope_type in kpi.scopes and scope_type not in _UNRANKED


def ranked(rows: Iterable[KpiRow]) -> list[Ranked]:
    """The rows that can be compared, best first within KPI, window and kind of scope.

    Who has the same bound shares the place.
    """
    groups: dict[tuple[str, str, int, str], list[tuple[Decimal, KpiRow]]] = {}
    for row in rows:
        kpi = by_id().get(row.kpi)
        if kpi is None or not is_ranked(kpi, row.scope_type) or not _is_enough(row):
            continue
        good = row.numerator if kpi.higher_is_better else row.denominator - row.numerator
        group = row.kpi, row.window, row.window_start, row.scope_type
        groups.setdefault(group, []).append((wilson(good, row.denominator)[0], row))
    found: list[Ranked] = []
    for _, members in sorted(groups.items(), key=lambda group: group[0]):
        bounds = sorted((bound for bound, _ in members), reverse=True)
        for bound, row in sorted(members, key=lambda one: (-one[0], one[1].scope_id)):
            own = wilson(row.numerator, row.denominator)
            found.append(Ranked(bounds.index(bound) + 1, row, *own))
    return found


def _is_enough(row: KpiRow) -> bool:
    return row.status is Status.OK and row.denominator >= RANKED_CASES
