"""Which grievance has which record: both sides by their key, and the keys that changed.

Records are many and complaints about them few, so a record is read only where somebody complains.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from core.complaints import Complaint
from core.filings import copies_of, names
from core.grievances import Compared, Grievance, of_applicant, record_of
from core.service_records import Record
from core.services import ServiceFile

GRIEVANCE, RECORD = "grievance", "record"
"""Kinds of the two statements; the value of each has its `key`."""

_RECORD = msgspec.json.Decoder(Record)
T = TypeVar("T")
_Side = dict[str, dict[str, T]]
"""By key and name."""


class KeptRecord(msgspec.Struct, frozen=True, gc=False):
    """A record under one of its keys, as JSON: a tenth of its size, and few are ever asked for."""

    key: str
    case_id: str
    requested_at: int
    text: str

    @property
    def record(self) -> Record:
        """What it says."""
        return _RECORD.decode(self.text)


AskedFor = Collection[str]
"""Keys of records that somebody complains about."""
Told = tuple[str, str, str, Grievance | KeptRecord]
"""A statement: kind, id, key (by which it is routed) and value."""


@dataclass
class Counterparts:
    """Grievances and records of one join partition."""

    _grievances: _Side[Grievance] = field(default_factory=dict)
    _records: _Side[KeptRecord] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)

    def put(self, name: str, made: object) -> bool:
        """A statement was made.  False: it is of neither kind."""
        if isinstance(made, Grievance):
            self._grievances.setdefault(made.key, {})[name] = made
        elif isinstance(made, KeptRecord):
            self._records.setdefault(made.key, {})[name] = made
        else:
            return False
        self._touched.add(made.key)
        return True

    def drop(self, name: str, made: object) -> bool:
        """Take out what was put in."""
        if isinstance(made, Grievance):
            _drop(self._grievances, made.key, name)
        elif isinstance(made, KeptRecord):
            _drop(self._records, made.key, name)
        else:
            return False
        self._touched.add(made.key)
        return True

    def of_key(self, key: str) -> tuple[Mapping[str, Grievance], Mapping[str, KeptRecord]]:
        """Grievances and records of a key, by their names."""
        return self._grievances.get(key, {}), self._records.get(key, {})

    def changed(self) -> Iterator[tuple[str, list[Compared]]]:
        """Each key whose comparisons may be others than at the last call, with all of them."""
        for key in sorted(self._touched):
            yield key, self._compared(key)
        self._touched.clear()

    def _compared(self, key: str) -> list[Compared]:
        told = self._grievances.get(key)
        if not told:
            return []
        records = [kept.record for kept in self._records.get(key, {}).values()]
        twice = names(copies_of(one.twin for one in told.values() if one.twin))
        return [
            Compared(one.as_copy() if name in twice else one, record_of(one, records))
            for name, one in sorted(told.items())
        ]


def _drop(side: _Side[Any], key: str, name: str) -> None:
    left = side[key]
    del left[name]
    if not left:
        del side[key]


def told_of_complaint(case: Complaint) -> Iterator[Told]:
    """What the join has to know of a complaint, if it is about a service."""
    grievance = Grievance.of(case)
    if grievance is not None:
        yield GRIEVANCE, grievance.case_id, grievance.key, grievance


def told_of_request(file: ServiceFile, asked: AskedFor | None = None) -> Iterator[Told]:
    """What the join has to know of a request, for complaints about it.

    `asked` says which keys somebody complains about; without it each of them may be.
    """
    keys = _keys(file)
    if asked is not None:
        keys = [one for one in keys if one[1] in asked]
    if not keys:
        return
    text = msgspec.json.encode(Record.of(file)).decode()
    for name, key in keys:
        yield RECORD, name, key, KeptRecord(key, file.case_id, file.submitted_at, text)


def _keys(file: ServiceFile) -> list[tuple[str, str]]:
    """Names and keys of its statements: for who names the request, and who is the applicant."""
    case, applicant, service = file.case_id, file.requested.text("applicant_key"), file.service_code
    if not applicant or not service:
        return [(case, case)]
    return [(case, case), (f"{case}|", of_applicant(applicant, service))]
