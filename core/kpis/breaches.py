"""KPI of notices about failures to protect personal data (catalogue 23).

Beside it stands how often the redaction found personal data in the texts of events: the mark that
it leaves there (`[phone]`) tells.  What it did not find and the checks did is no event but a reject
(`personal_data`), counted with the rejects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from core import lifecycles
from core.alerts import ALERT
from core.breaches import BREACH, Breach
from core.cells import BESIDE, Share, on_time
from core.companion import Companion
from core.complaints import COMPLAINT
from core.events import Event
from core.information import INFORMATION
from core.kpi import Kpi, Tallied, decimal_text
from core.moment import DAY, HOUR, wib_day_start
from core.privacy import was_scrubbed
from core.services import SERVICE
from core.signals import SIGNALS
from core.violations import VIOLATION

_EVENTS, _FOUND = f"{BESIDE}events", f"{BESIDE}personal"


class _Case(Protocol):
    @property
    def events(self) -> tuple[Event, ...]:
        """All of them, sorted."""


def _told(breach: Breach) -> Iterator[Share]:
    """Due cohort (C2b) of the 72 hours; a breach that nobody was told of is late."""
    told = breach.told_at
    yield Share(breach.due_at, on_time(told is not None and told <= breach.due_at))


class _Scanned:
    """Events of cases on the days on which they happened, and in how many something was hidden."""

    def __init__(self) -> None:
        self._events, self._found = defaultdict[int, int](int), defaultdict[int, int](int)

    def add(self, case: _Case) -> None:
        day, until, events = 0, 0, self._events
        for event in case.events:
            if event.occurred_at >= until:
                day = wib_day_start(event.occurred_at)
                until = day + DAY
            events[day] += 1
            if was_scrubbed(event.fields.values()):
                self._found[day] += 1

    def shares(self) -> Iterator[Share]:
        for day, count in self._events.items():
            found = {_FOUND: self._found[day]} if day in self._found else {}
            yield Share(day, {_EVENTS: count} | found, city_only=True)


_scanned = Tallied(_Scanned)


def _per_million(counters: Mapping[str, int]) -> str | None:
    events = counters.get(_EVENTS, 0)
    return decimal_text(Fraction(1_000_000 * counters.get(_FOUND, 0), events)) if events else None


notice_on_time = Kpi(
    id="privacy_breach_notice_on_time_pct",
    title_en="Personal-data breaches notified in 3×24 h",
    title_id="Pemberitahuan kegagalan pelindungan data ≤3×24 jam",
    principle="Supremasi hukum",
    dimension="Smart Governance",
    relation="G2C",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(100),
    amber=None,
    formula="100 x breaches with notice to subjects and authority in 72 h / breaches due",
    legal_basis="UU 27/2022 art. 46(1): written notice within 3×24 hours to both",
    basis_status="verified (72 h)",
    subject=BREACH,
    also=tuple(
        (kind, _scanned) for kind in (COMPLAINT, SERVICE, INFORMATION, SIGNALS, VIOLATION, ALERT)
    ),
    reads=lifecycles.types(),
    sources=("dpo_log",),
    scopes=("city", "channel"),
    base="1d",
    windows=("1d", "90d", "year"),
    shares=_told,
    of_copy="same",
    companions=(
        Companion(
            "pii_events_per_million",
            "events of cases in whose texts personal data was found, per million; target 0",
            "peristiwa kasus yang teksnya memuat data pribadi, per sejuta; target 0",
            _per_million,
            watch=0,
        ),
    ),
    lateness=24 * HOUR,
    reopens=True,
)
