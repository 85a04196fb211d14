"""A run of the replay: how many final rows of one KPI it compared, and how many were the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.events import Event, in_order
from core.kpi import Subject
from core.moment import DAY


@dataclass(frozen=True, slots=True)
class Audit:
    """One KPI in one run."""

    at: int
    kpi: str
    compared: int
    identical: int

    @classmethod
    def of(cls, events: Iterable[Event]) -> Audit | None:
        """The run; told twice with different counts, the first by (time, id) stands."""
        told = in_order(events)
        if not told:
            return None
        first = told[0]
        compared, identical = first.whole("compared") or 0, first.whole("identical") or 0
        return cls(first.occurred_at, first.text("kpi"), compared, min(identical, compared))

    @property
    def scopes(self) -> dict[str, str]:
        """The city, and the KPI as a category."""
        return {"city": "city", "category": self.kpi}


def _over(audit: Audit) -> int:
    return audit.at


AUDIT = Subject("audit", "audit", Audit.of, over=_over, opens=("audit.replayed",), admitted=7 * DAY)
