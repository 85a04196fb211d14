"""A KPI row: one published number with everything needed to believe it.

The first thirteen fields are the format others script against (`to_json`); the rest travels with
the row in `kpi.published` for the auditor (`to_record`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from msgspec import Struct, field, to_builtins

from core import moment


class Status(StrEnum):
    """Convention C6."""

    OK = "ok"
    INSUFFICIENT = "insufficient"
    NO_DATA = "no_data"
    SOURCE_DOWN = "source_down"
    NOT_INTEGRATED = "not_integrated"
    NOT_COMPUTABLE = "not_computable"
    ERROR = "error"


class Finality(StrEnum):
    """Convention C5: a final row is never followed by another revision."""

    PROVISIONAL = "provisional"
    FINAL = "final"


Identity = tuple[str, str, str, str, int]
"""KPI, kind of window, scope type and id, start."""
_RECORD = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Shown(Struct, frozen=True, gc=False):
    """A row in the format that others script against; times are RFC 3339."""

    kpi: str
    window: str
    scope_type: str
    scope_id: str
    window_start: str
    window_end: str
    numerator: int
    denominator: int
    value: str | None
    status: Status
    finality: Finality
    revision: int
    completeness: str


class KpiRow(Struct, frozen=True, gc=False):
    """One revision of one window of one KPI in one scope; a Struct, for there are very many.

    Times are moments; `value` is a decimal text, None without a denominator (C6);
    `completeness` is the share, 0 to 1 as decimal text, of the declared source-days that
    delivered at least one heartbeat; `excluded` counts cases left out, by reason (C9);
    `companions` are further numbers of the same window, by name as decimal text; `details` are
    names that belong to them.  Both are left out of the record where there are none.
    `as_of` is the tick that asked for the row; `inputs` is, per `topic/partition` of the clock,
    the offset of that tick's record, whose cut names the rest; `definition` is the hash of the
    KPI's declaration.
    """

    kpi: str
    window: str
    scope_type: str
    scope_id: str
    window_start: int
    window_end: int
    numerator: int
    denominator: int
    value: str | None
    status: Status
    finality: Finality
    revision: int
    completeness: str
    excluded: Mapping[str, int] = field(default_factory=dict)
    as_of: int = 0
    inputs: Mapping[str, int] = field(default_factory=dict)
    definition: str = ""
    companions: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str | list[str]] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """The window that this row is a revision of: (kpi, window, scope, start)."""
        return (self.kpi, self.window, self.scope_type, self.scope_id, self.window_start)

    def shown(self) -> Shown:
        """Exactly the thirteen fields of the scripting format."""
        return Shown(
            self.kpi,
            self.window,
            self.scope_type,
            self.scope_id,
            _shown(self.window_start),
            _shown(self.window_end),
            self.numerator,
            self.denominator,
            self.value,
            self.status,
            self.finality,
            self.revision,
            self.completeness,
        )

    def to_json(self) -> dict[str, Any]:
        """The same as a dictionary."""
        return dict(to_builtins(self.shown()))

    def to_record(self) -> bytes:
        """What `kpi.published` stores: the row and its proof, as canonical JSON."""
        full = self.to_json() | {
            "excluded": dict(sorted(self.excluded.items())),
            "as_of": _shown(self.as_of),
            "inputs": dict(sorted(self.inputs.items())),
            "definition": self.definition,
        }
        # Records without these stay, byte for byte, what they were before there were any.
        for name in ("companions", "details"):
            if told := getattr(self, name):
                full[name] = dict(sorted(told.items()))
        return _RECORD.encode(full).encode()

    @classmethod
    def from_record(cls, record: bytes) -> KpiRow:
        """The row of a `kpi.published` value.  Raises ValueError or KeyError when it is none."""
        return cls.from_flat(json.loads(record))

    @classmethod
    def from_flat(cls, flat: dict[str, Any]) -> KpiRow:
        """The same of its JSON object, which is changed."""
        for name in ("window_start", "window_end", "as_of"):
            flat[name] = moment.parse(flat[name])
        flat["status"] = Status(flat["status"])
        flat["finality"] = Finality(flat["finality"])
        return cls(**flat)


@lru_cache(maxsize=16_384)
def _shown(at: int) -> str:
    """Many rows share their moments."""
    return moment.rfc3339(at)
