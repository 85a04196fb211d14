"""What came after finality (convention C5): told once in `kpi.late`, accounted for by quarter.

A final number never changes.  `kpi.late` has what the window would say by now, with who moved it;
`kpi.restated` has one record of each window that came out otherwise: old, new and causes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core import moment
from core.causes import Causes
from core.rows import KpiRow

_NUMBER = ("numerator", "denominator", "value", "status")


@dataclass(frozen=True, slots=True)
class Restatement:
    """A late event would change a final row: told once, never applied (C5)."""

    row: KpiRow
    """What would be published if the window were not final."""
    causes: Causes = field(default_factory=Causes)
    """What came and moved it.  None: the program, by another definition."""

    def to_record(self) -> bytes:
        """What `kpi.late` stores: the row and its causes, as canonical JSON."""
        told = json.loads(self.row.to_record()) | _told(self.causes)
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_record(cls, flat: Mapping[str, Any]) -> Restatement:
        """Of the JSON object of a record.  Raises ValueError, KeyError or TypeError: it is none."""
        rest = dict(flat)
        causes = Causes(tuple(rest.pop("causes", ())), rest.pop("causes_more", False))
        return cls(KpiRow.from_flat(rest), causes)


class Restated(NamedTuple):
    """A final row, what its window would say by the newest that was told of it, and why."""

    old: KpiRow
    new: KpiRow
    causes: Causes

    @property
    def differs(self) -> bool:
        """Whether the number is another one; a heartbeat may move completeness alone."""
        return _number(self.old) != _number(self.new)

    @property
    def key(self) -> bytes:
        """Of the record: the window, which is in one quarter and so accounted for once."""
        return "|".join(map(str, self.new.identity)).encode()

    def to_json(self) -> dict[str, Any]:
        """The record of `kpi.restated` under stable names, times in RFC 3339."""
        return {
            "kind": "restated",
            "quarter": quarter_of(self.new.window_end),
            "kpi": self.new.kpi,
            "window": self.new.window,
            "scope_type": self.new.scope_type,
            "scope_id": self.new.scope_id,
            "window_start": moment.rfc3339(self.new.window_start),
            "window_end": moment.rfc3339(self.new.window_end),
            "old": _number(self.old),
            "new": _number(self.new),
            **_told(self.causes),
            "told_at": moment.rfc3339(self.new.as_of),
        }


def quarter_of(window_end: int) -> str:
    """The quarter in which a window ends: midnight belongs to the day that it closes."""
    last_day = moment.to_datetime(window_end - 1 + moment.WIB)
    return f"{last_day.year}-Q{(last_day.month + 2) // 3}"


def _told(causes: Causes) -> dict[str, Any]:
    return {"causes": list(causes.names), "causes_more": causes.more}


def _number(row: KpiRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NUMBER}
