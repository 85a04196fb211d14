"""Which records of `kpi.published` may become a metric.  Pure: bytes in, a row or a reject out."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from core.outcome import Reason, Reject
from core.privacy import finds
from core.rows import KpiRow

REASONS = (Reason.UNDECODABLE, Reason.INVALID, Reason.UNKNOWN_TYPE, Reason.PERSONAL_DATA)
"""Everything `admit` can object to; each is exported from the start, so that 0 is a sample."""

Scopes = Mapping[str, frozenset[str]]
"""Scope types that each declared KPI may be broken down by."""


def admit(record: bytes, scopes: Scopes) -> KpiRow | Reject:
    """The row of a record, or why it cannot be shown.

    A KPI or scope type that is not declared is refused: labels stay a closed set, and a retired
    KPI does not haunt the boards with its last window.
    """
    try:
        row = KpiRow.from_record(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return Reject(Reason.UNDECODABLE, f"not a KPI row: {error!r}", record)
    problem = _malformed(row) or _undeclared(row, scopes) or _personal(row)
    return row if problem is None else Reject(*problem, record)


def _undeclared(row: KpiRow, scopes: Scopes) -> tuple[Reason, str] | None:
    if row.kpi not in scopes:
        return Reason.UNKNOWN_TYPE, f"no KPI {row.kpi!r} is declared in core/kpis"
    if row.scope_type not in scopes[row.kpi]:
        return Reason.UNKNOWN_TYPE, f"{row.kpi} declares no scope {row.scope_type!r}"
    return None


def _personal(row: KpiRow) -> tuple[Reason, str] | None:
    found = finds(row.scope_id)
    return (Reason.PERSONAL_DATA, f"the scope id shows {', '.join(found)}") if found else None


def _malformed(row: KpiRow) -> tuple[Reason, str] | None:
    names = (row.kpi, row.window, row.scope_type, row.scope_id)
    if not all(isinstance(name, str) for name in names):
        return Reason.INVALID, f"kpi, window and scope must be text: {names!r}"
    if not isinstance(row.excluded, dict):
        return Reason.INVALID, f"excluded must count by reason: {row.excluded!r}"
    whole = (row.numerator, row.denominator, row.revision, *row.excluded.values())
    if not all(map(_whole, whole)):
        return Reason.INVALID, f"numerator, denominator, revision, excluded: {whole!r}"
    decimals = (row.completeness,) if row.value is None else (row.completeness, row.value)
    if not all(map(_finite, decimals)):
        return Reason.INVALID, f"completeness and value must be decimal texts: {decimals!r}"
    if not (isinstance(row.companions, dict) and all(map(_finite, row.companions.values()))):
        return Reason.INVALID, f"companions must be decimal texts by name: {row.companions!r}"
    return None


def _whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and abs(number) < 2**63


def _finite(text: object) -> bool:
    try:
        return isinstance(text, str) and isfinite(float(text))
    except ValueError:
        return False
