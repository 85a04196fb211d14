"""Quality of what the sources say: beside the 32 of the catalogue, without a target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from core import lifecycles
from core.alerts import ALERT
from core.breaches import BREACH
from core.cells import DENOMINATOR, NUMERATOR, Counters, Share
from core.complaints import COMPLAINT, Complaint
from core.events import Event
from core.information import INFORMATION
from core.kpi import Kpi, Tallied, case_lateness
from core.law import SHIPPED
from core.moment import DAY, wib_day_start
from core.registers import UNKNOWN
from core.services import SERVICE, ServiceFile
from core.signals import SIGNALS
from core.violations import VIOLATION

_CODED = ("opd", "category", "kecamatan", "kelurahan")
"""Scope types whose codes the city has registers of."""


class _Case(Protocol):
    @property
    def events(self) -> tuple[Event, ...]:
        """All of them, sorted."""


class _Days:
    """Days at the sources that told of them: how many were counted, and which had reasons.

    Reasons are counters, `by:again`; what has any is a hit, once.
    """

    def __init__(self) -> None:
        self._counted = defaultdict[tuple[int, str], int](int)
        self._hits: dict[tuple[int, str], Counters] = {}

    def hit(self, day: int, source: str, reasons: Iterable[str]) -> None:
        counters = self._hits.setdefault((day, source), {})
        for name in (NUMERATOR, *(f"by:{reason}" for reason in reasons)):
            counters[name] = counters.get(name, 0) + 1

    def shares(self) -> Iterator[Share]:
        for (day, source), count in self._counted.items():
            hits = self._hits.get((day, source), {})
            yield Share(day, {DENOMINATOR: count} | hits, {"channel": source})


class _Walked(_Days):
    """Events of cases on the days on which they happened; unexpected ones have a reason."""

    def add(self, case: _Case) -> None:
        # Not by isinstance: looking at a protocol costs as much as the rest.
        law = getattr(case, "law", SHIPPED)
        day, until, counted = 0, 0, self._counted
        for step in lifecycles.steps(case.events, law):
            event = step.event
            if event.occurred_at >= until:
                day = wib_day_start(event.occurred_at)
                until = day + DAY
            counted[day, event.source] += 1
            if step.reason:
                self.hit(day, event.source, (step.reason,))


class _Filed(_Days):
    """Cases on the day of their filing; the reasons are the codes that are unknown, `by:opd`."""

    def add(self, case: Complaint | ServiceFile) -> None:
        scopes, day = case.scopes, wib_day_start(case.submitted_at)
        self._counted[day, scopes["channel"]] += 1
        if UNKNOWN in scopes.values() and (unknown := _unknown(scopes)):
            self.hit(day, scopes["channel"], unknown)


def _unknown(scopes: Mapping[str, str]) -> list[str]:
    return [name for name in _CODED if scopes.get(name) == UNKNOWN]


_walked, _filed = Tallied(_Walked), Tallied(_Filed)

unexpected = Kpi(
    id="case_events_unexpected_pct",
    title_en="Case events that the lifecycle does not allow",
    title_id="Peristiwa kasus di luar alur",
    principle="Akuntabilitas",
    dimension="Smart Governance",
    relation="G2G",
    stage="Transformative",
    unit="percent",
    higher_is_better=False,
    green=None,
    amber=None,
    formula="100 x events that the lifecycle tables do not allow / events of cases in the window",
    legal_basis="No legal figure; docs/lifecycles.md, the limit of the alert is a project choice",
    basis_status="no legal figure",
    subject=COMPLAINT,
    also=tuple(
        (kind, _walked) for kind in (SERVICE, INFORMATION, SIGNALS, BREACH, VIOLATION, ALERT)
    ),
    reads=lifecycles.types(),
    sources=("sikesal", "sipaten"),
    scopes=("city", "channel"),
    base="1d",
    windows=("1d", "28d"),
    shares=_walked,
    of_copy="same",
    lateness=case_lateness(),
    orphans=True,
    in_catalogue=False,
    watch=Decimal(5),
)

unknown_scope = replace(
    unexpected,
    id="case_scope_unknown_pct",
    title_en="Cases of an unknown category, agency or place",
    title_id="Kasus dengan kategori, OPD, atau wilayah tak dikenal",
    formula="100 x cases with a code that no register of the city has / cases filed in the window",
    legal_basis="No legal figure; the registers and the limit of the alert are project choices",
    also=((SERVICE, _filed),),
    reads=(
        "complaint.assigned", "complaint.forwarded", "complaint.submitted", "service.requested",
    ),
    shares=_filed,
    of_copy="same",
    orphans=False,
    watch=Decimal(10),
)  # fmt: skip
