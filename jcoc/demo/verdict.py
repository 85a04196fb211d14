"""Holds what was published against the simulator's own truth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core import window
from core.kpis import by_id
from core.rows import KpiRow

_VALUE = re.compile(r"^jcoc_kpi_value\{([^}]*)\} (\S+)", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass
class Verdict:
    """What was compared; `good` only if nothing differs."""

    compared: int = 0
    differences: list[str] = field(default_factory=list)
    rows: list[KpiRow] = field(default_factory=list)
    """The rows of the day at city scope, for the table."""

    @property
    def good(self) -> bool:
        """Everything was compared and nothing differs."""
        return self.compared > 0 and not self.differences


def latest(rows: Iterable[KpiRow]) -> dict[tuple[str, str, str, str, int], KpiRow]:
    """The newest revision of each window."""
    found: dict[tuple[str, str, str, str, int], KpiRow] = {}
    for row in rows:
        old = found.get(row.identity)
        if old is None or row.revision > old.revision:
            found[row.identity] = row
    return found


def judge(published: Iterable[KpiRow], truth: Iterable[Mapping[str, Any]]) -> Verdict:
    """Each true row must have been published with the same numerator and denominator."""
    verdict, found = Verdict(), latest(published)
    seen: set[str] = set()
    for true in truth:
        identity = (
            true["kpi"], true["window"], true["scope_type"], true["scope_id"], true["window_start"],
        )  # fmt: skip
        row = found.get(identity)
        if row is None and window.is_short(true["window"]) and true["denominator"] == 0:
            continue  # published only while it was news
        verdict.compared += 1
        seen.add(true["kpi"])
        expected = (true["numerator"], true["denominator"])
        if row is None:
            verdict.differences.append(f"{identity}: {expected} was never published")
        elif (row.numerator, row.denominator) != expected:
            verdict.differences.append(
                f"{identity}: published {row.numerator}/{row.denominator}, true is "
                f"{expected[0]}/{expected[1]}"
            )
        if row is not None and row.scope_type == "city" and row.window != "5min":
            verdict.rows.append(row)
    for missing in sorted(by_id().keys() - seen):
        verdict.differences.append(f"{missing}: the simulator tells no truth about it")
    return verdict


def exported(page: str, row: KpiRow) -> bool:
    """The page of `/metrics` shows this row's value, or no series where it has none."""
    wanted = {
        "kpi": row.kpi,
        "window": row.window,
        "scope_type": row.scope_type,
        "scope_id": row.scope_id,
    }
    values = [
        float(value)
        for labels, value in _VALUE.findall(page)
        if wanted.items() <= dict(_LABEL.findall(labels)).items()
    ]
    return values == ([] if row.value is None else [float(row.value)])
