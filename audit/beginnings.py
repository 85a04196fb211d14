"""Cases of a window whose clock began with another filing than their own (convention C3, iii)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from core.complaints import COMPLAINT, Complaint, Filed
from core.engine import Engine
from core.filings import judged_by
from core.kpi import Kpi
from core.moment import rfc3339


@dataclass(frozen=True, slots=True)
class Beginning:
    """A master, and the earlier filing of a copy that is linked to it."""

    master: Filed
    first: Filed

    def to_json(self) -> dict[str, str]:
        """All of it under stable names."""
        return {
            "case": self.master.case_id,
            "filed_at": rfc3339(self.master.at),
            "first_case": self.first.case_id,
            "first_filed_at": rfc3339(self.first.at),
        }


def beginnings(engine: Engine, kpi: Kpi, cases: Container[str]) -> list[Beginning]:
    """Of these cases as known now, by case; none of a KPI that counts each filing by itself."""
    return sorted(_found(engine, cases), key=_by_case) if kpi in judged_by() else []


def _by_case(one: Beginning) -> str:
    return one.master.case_id


def _found(engine: Engine, cases: Container[str]) -> Iterator[Beginning]:
    for fold in engine.folds:
        for entity, events in [*fold.entities.items(), *(fold.archive or {}).items()]:
            if entity.kind == COMPLAINT.name and entity.id in cases:
                case = Complaint.of(events.values(), fold.law)
                if case is not None and case.begun.case_id != case.case_id:
                    yield Beginning(Filed(case.submitted_at, case.case_id), case.begun)
