"""The rows of the composite score: which rows of other KPIs each is made of, and what it says.

A row of `jcoc_score` is made of the rows of the other KPIs as they stand published, of the city and
for a window that ends when its own does.  So the number can be checked against what was published,
and a final row that a late event would change changes no score either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache

from core import window
from core.counted import CITY, Scope
from core.kpi import Kpi, decimal_text, four_decimals
from core.kpis import all_kpis, by_id
from core.law import SHIPPED, Law
from core.rows import Finality, Identity, KpiRow, Status
from core.score import Score, counts, of_principle, principles, score, share

PREFERRED = {
    "28d": ("28d", "90d", "7d", "1d"),
    "month": ("month", "28d", "90d", "7d", "1d"),
    "quarter": ("quarter", "90d", "month", "28d", "7d", "1d"),
}
"""By the score's window: which window of a KPI is read, the first of these that it has.

Each of them ends at the WIB midnight that ends the score's window.
"""
_PRINCIPLE = "principle"


def read(kpi: Kpi, kind: str) -> str | None:
    """The window of the KPI that counts in such a score; None if it has none, or no share."""
    if not counts(kpi):
        return None
    return next((one for one in PREFERRED[kind] if one in kpi.windows), None)


@cache
def scopes() -> tuple[Scope, ...]:
    """The city, and each principle."""
    return (CITY, *((_PRINCIPLE, name) for name in principles(all_kpis())))


@lru_cache(maxsize=64)
def made_of(kind: str, end: int) -> tuple[Identity, ...]:
    """The rows that a score whose window ends then is made of."""
    windows = ((kpi.id, read(kpi, kind)) for kpi in all_kpis())
    return tuple(
        (kpi, own, *CITY, start)
        for kpi, own in windows
        if own is not None
        for start, _ in window.closing(own, end - 1, end)
    )


def with_row(row: KpiRow) -> Iterator[tuple[str, window.Span]]:
    """The scores (kind of window and span) that a row of the city is part of."""
    for kind in _read_by().get((row.kpi, row.window), ()):
        for span in window.closing(kind, row.window_end - 1, row.window_end):
            yield kind, span


@cache
def _read_by() -> Mapping[tuple[str, str], list[str]]:
    """Kinds of scores by the KPI and its window that they read."""
    found: dict[tuple[str, str], list[str]] = {}
    for kpi in all_kpis():
        for kind in PREFERRED:
            if (own := read(kpi, kind)) is not None:
                found.setdefault((kpi.id, own), []).append(kind)
    return found


def remembered(row: KpiRow) -> str | None:
    """What must be remembered of a published row for the scores: its exact share as `n/d`."""
    if row.scope_type != "city" or (row.kpi, row.window) not in _read_by():
        return None
    found = share(by_id()[row.kpi], row)
    return None if found is None else str(found)


def row(
    kpi: Kpi, kind: str, scope: Scope, span: window.Span, shares: Mapping[str, Fraction], tick: int,
    law: Law = SHIPPED,
) -> KpiRow:  # fmt: skip
    """The row of the city or of one principle from the shares of the sound KPIs, by id.

    Its value is numerator / 100; the denominator is how many KPIs it is the mean of.  Of the KPIs
    expected, its completeness says how many those are.
    """
    of_city = scope[0] == "city"
    found = score(all_kpis(), shares) if of_city else of_principle(all_kpis(), scope[1], shares)
    value = None if found.value is None else decimal_text(found.value)
    return KpiRow(
        kpi.id,
        kind,
        *scope,
        *span,
        0 if value is None else int(value.replace(".", "")),
        len(found.shares),
        value,
        Status.INSUFFICIENT if value is None else Status.OK,
        Finality.FINAL if kpi.final_at(span[1], law) <= tick else Finality.PROVISIONAL,
        0,
        four_decimals(found.coverage.numerator, found.coverage.denominator),
        definition=kpi.defined_by(law.at(span[1]).versions),
        companions=_companions(found),
        details=_details(found),
    )


def _companions(found: Score) -> dict[str, str]:
    told = {"coverage": decimal_text(found.coverage), "below_target": str(len(found.below_target))}
    if found.weakest is not None:
        told["minimum"] = decimal_text(found.shares[found.weakest])
    return told | {f"share:{name}": decimal_text(one) for name, one in found.shares.items()}


def _details(found: Score) -> dict[str, str | list[str]]:
    told: dict[str, str | list[str]] = {"below_target": found.below_target}
    if found.weakest is not None:
        told["weakest"] = found.weakest
    if found.suppressed is not None:
        told["reason"] = found.suppressed
    return told
