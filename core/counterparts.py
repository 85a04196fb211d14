"""Which grievance has which record: both sides by their key, and the keys that changed.

Records are many and complaints about them few, so a record is read only where somebody complains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.complaints import Complaint
from core.events import Event
from core.grievances import Compared, Grievance, of_applicant, record_of
from core.law import Law
from core.service_records import Record

GRIEVANCE, RECORD = "grievance", "record"
"""Kinds of the two statements; the value of each has its `key`."""
KINDS = frozenset({GRIEVANCE, RECORD})

Told = tuple[str, str, str, Mapping[str, Any]]
"""A statement: kind, id, key (by which it is routed) and value."""
_Side = dict[str, Mapping[str, Any]]
_Sides = dict[str, _Side]


@dataclass
class Counterparts:
    """Grievances and records of one join partition."""

    _sides: dict[str, _Sides] = field(default_factory=lambda: {GRIEVANCE: {}, RECORD: {}})
    _touched: set[str] = field(default_factory=set)

    def replace(
        self, kind: str, name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
    ) -> None:
        """A statement of either kind was made, changed or (None) retracted."""
        side = self._sides[kind]
        if old is not None:
            left = side[old["key"]]
            del left[name]
            if not left:
                del side[old["key"]]
            self._touched.add(old["key"])
        if new is not None:
            side.setdefault(new["key"], {})[name] = new
            self._touched.add(new["key"])

    def by_key(self) -> Iterator[tuple[_Side, _Side]]:
        """Grievances and records of each key, by their names."""
        grievances, records = self._sides[GRIEVANCE], self._sides[RECORD]
        for key in grievances.keys() | records.keys():
            yield grievances.get(key, {}), records.get(key, {})

    def changed(self) -> Iterator[tuple[str, list[Compared]]]:
        """Each key whose comparisons may be others than at the last call, with all of them."""
        for key in sorted(self._touched):
            yield key, self._compared(key)
        self._touched.clear()

    def _compared(self, key: str) -> list[Compared]:
        told = self._sides[GRIEVANCE].get(key)
        if not told:
            return []
        kept = self._sides[RECORD].get(key, {}).values()
        records = [Record.from_json(dict(value["record"])) for value in kept]
        grievances = [Grievance.from_json(dict(value)) for _, value in sorted(told.items())]
        return [Compared(one, record_of(one, records)) for one in grievances]


def told_of_complaint(case: Complaint) -> Iterator[Told]:
    """What the join has to know of a complaint, if it is about a service."""
    grievance = Grievance.of(case)
    if grievance is not None:
        yield GRIEVANCE, grievance.case_id, grievance.key, grievance.to_json()


def told_of_request(events: Iterable[Event], law: Law) -> Iterator[Told]:
    """The record of a request twice: for who names the request, and for who names the applicant."""
    record = Record.of(events, law)
    if record is None:
        return
    kept, keys = record.to_json(), {record.case_id: record.case_id}
    if record.applicant and record.service_code:
        keys[f"{record.case_id}|"] = of_applicant(record.applicant, record.service_code)
    for name, key in keys.items():
        yield RECORD, name, key, {"key": key, "record": kept}
