"""Windows and rows of the ground truth."""

from __future__ import annotations

from dataclasses import dataclass

from core import moment

LENGTHS = {
    "5min": 5 * moment.MINUTE,
    "1d": moment.DAY,
    "7d": 7 * moment.DAY,
    "28d": 28 * moment.DAY,
    "90d": 90 * moment.DAY,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One true number: integers, moments; window_end is exclusive."""

    kpi: str
    window: str
    scope_type: str
    scope_id: str
    window_start: int
    window_end: int
    numerator: int
    denominator: int

    @property
    def identity(self) -> tuple[str, str, str, str, int]:
        """(kpi, window, scope type, scope id, start), as `core.rows.KpiRow.identity`."""
        return (self.kpi, self.window, self.scope_type, self.scope_id, self.window_start)

    def to_json(self) -> dict[str, str | int]:
        """The row under the names of the scripting format, times in RFC 3339 UTC."""
        return {
            "kpi": self.kpi,
            "window": self.window,
            "scope_type": self.scope_type,
            "scope_id": self.scope_id,
            "window_start": moment.rfc3339(self.window_start),
            "window_end": moment.rfc3339(self.window_end),
            "numerator": self.numerator,
            "denominator": self.denominator,
        }


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of event time, `start` inclusive, `end` exclusive."""

    name: str
    start: int
    end: int

    def holds(self, at: int) -> bool:
        """True when the moment lies in the window."""
        return self.start <= at < self.end


def ending(name: str, end: int) -> Window:
    """The window of that name which ends at a moment."""
    return Window(name, end - LENGTHS[name], end)
