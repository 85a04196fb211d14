"""Case events made by number: the same every time, and what must come of them by arithmetic.

Every third case is a complaint of nine events, the others are requests for letters of four.  They
are of 68 kelurahan in 11 kecamatan and of 8 agencies, and begin evenly over two days; a third day
brings the rest of what happens to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core import moment
from core.events import Event, Value, event_id

START = 1_772_384_400 * moment.SECOND
"""2026-03-02T00:00 in Jambi, a Monday."""
BEGIN = 2 * moment.DAY
END = START + 3 * moment.DAY
OPDS = ("dpupr", "dlh", "dishub", "perkim", "pdam", "dinsos", "satpol_pp", "dinkes")
CATEGORIES = ("jalan_rusak", "sampah", "drainase", "air")
KELURAHAN = tuple(f"15.71.{n % 11 + 1:02d}.10{n // 11 + 1:02d}" for n in range(68))
_MINUTES = {
    "complaint": {
        "submitted": 0, "notified": 1, "verified": 30, "forwarded": 60, "assigned": 90,
        "responded": 180, "progressed": 300, "resolved": 600, "closed": 700,
    },
    "service": {"requested": 0, "completeness_decided": 20, "decided": 400, "completed": 500},
}  # fmt: skip
OPEN = {"complaint": 4, "service": 2}
"""How many of its events a case has that is still open."""
AVERAGE = (9 + 2 * 4) / 3
"""Events of a case."""


@dataclass(frozen=True, slots=True)
class Case:
    """Case number `number` of `cases`."""

    number: int
    cases: int

    @property
    def area(self) -> str:
        """Every third is a complaint."""
        return "service" if self.number % 3 else "complaint"

    @property
    def source(self) -> str:
        """The system that keeps it."""
        return "sikesal" if self.area == "complaint" else "sipaten"

    @property
    def begins_at(self) -> int:
        """Moment of its first event."""
        return START + self.number * BEGIN // self.cases // moment.SECOND * moment.SECOND

    def times(self) -> Mapping[str, int]:
        """When what happens to it."""
        minutes = _MINUTES[self.area].items()
        return {what: self.begins_at + minute * moment.MINUTE for what, minute in minutes}

    def events(self, most: int | None = None) -> Iterator[Event]:
        """Its events, or the first of them."""
        for what, at in list(self.times().items())[:most]:
            name = event_id(self.source, str(self.number), what)
            fields = {"case_id": f"{self.source}:{self.number:07d}", **self._fields(what)}
            yield Event(f"{self.area}.{what}", name, at, self.source, fields)

    def _fields(self, what: str) -> dict[str, Value]:
        number = self.number
        where: dict[str, Value] = {
            "kecamatan_code": KELURAHAN[number % 68][:8],
            "kelurahan_code": KELURAHAN[number % 68],
        }
        opd = OPDS[number % len(OPDS)]
        said: dict[str, dict[str, Value]] = {
            "submitted": {
                "source_ref": str(number), "category": CATEGORIES[number % len(CATEGORIES)],
                "reporter_key": f"bench:{number}", **where,
            },
            "notified": {"about": "submitted"},
            "verified": {"verdict": "valid", "sla_class": "non_supervisory"},
            "forwarded": {"opd": opd},
            "assigned": {"opd": opd},
            "responded": {"actor": "opd", "substantive": True},
            "resolved": {"opd": opd},
            "closed": {"by": "admin"},
            "requested": {
                "app": "sipaten", "source_ref": str(number), "service_code": "domisili",
                "subject_type": "person", "channel": "app", "applicant_key": f"bench:{number}",
                **where,
            },
            "completeness_decided": {"complete": True},
            "decided": {"outcome": "granted"},
            "completed": {"delivery": "online"},
        }  # fmt: skip
        return said.get(what, {})


def cases(count: int, *, still_open: bool = False) -> Iterator[Event]:
    """All events in the order of their moments."""
    made: list[Event] = []
    for number in range(count):
        case = Case(number, count)
        made += case.events(OPEN[case.area] if still_open else None)
    return iter(sorted(made, key=lambda event: (event.occurred_at, event.event_id)))


def expected(count: int) -> dict[tuple[str, int], int]:
    """Denominators of the city's days: complaints resolved, letters completed, by KPI and day."""
    kpis = {"resolved": "complaint_resolution_hours_p90",
            "completed": "service_end_to_end_digital_pct"}  # fmt: skip
    found = {(kpi, START + n * moment.DAY): 0 for kpi in kpis.values() for n in range(3)}
    for number in range(count):
        for what, at in Case(number, count).times().items():
            if what in kpis:
                day = START + (at - START) // moment.DAY * moment.DAY
                found[kpis[what], day] += 1
    return found
