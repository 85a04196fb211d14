"""A simulated day of Jambi, or many: one story, told in several ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date as Date
from functools import cached_property
from typing import Any

from core import moment
from core.events import Event
from core.privacy import Pseudonymizer
from sim import canonical, workdays
from sim import truth as ground_truth
from sim.payloads import Parcel, Payload, accounting, parcels
from sim.post import Post
from sim.story import Scale, Silence, Story, write
from sim.trouble import Arrival, arrivals, runaway_payloads, runaways
from sim.truth import gauges
from sim.truth.shown import Shown
from sim.truth.table import Page, Place, pages

PSEUDONYMS = Pseudonymizer(b"a key for a story, nobody's secret", "sim1")


class Day:
    """The same seed, date and scale give the same day, byte for byte.

    `scale` is a factor (1.0: 1,600 complaints and 1,000 service requests over 40 days, 20,000
    detections) or a `Scale`.  `days` is how many days from `date` on are told: see `sim.Month`.
    `silent` names a source that says nothing from `silent_from` (hour of the first day) on.
    `pseudonyms` makes `reporter_key` and `applicant_key`: give the connectors' own to compare with
    what they emit.  Raises ValueError for a date whose calendar is unknown.
    """

    def __init__(self, *, seed: int = 1, date: Date = Date(2026, 11, 20),
                 scale: float | Scale = 1.0, silent: str | None = None, silent_from: int = 18,
                 pseudonyms: Pseudonymizer = PSEUDONYMS, days: int = 1) -> None:  # fmt: skip
        """See the class."""
        self.seed, self.date, self.pseudonyms = seed, date, pseudonyms
        self.scale = scale if isinstance(scale, Scale) else Scale().times(scale)
        self.start = workdays.midnight(date)
        """00:00 WIB of the day, a moment."""
        self.days = days
        self.end = self.start + days * moment.DAY
        """24:00 WIB of the last day, a moment."""
        silence_at = self.start + silent_from * moment.HOUR
        self.silences = [Silence(silent, silence_at)] if silent else []
        self.post = Post(seed)
        self._pages: dict[int, dict[Place, Page]] = {}

    @cached_property
    def story(self) -> Story:
        """What happened."""
        return write(self.date, self.seed, self.scale, self.silences,
                     days=self.days, post=self.post)  # fmt: skip

    def events(self) -> list[Event]:
        """Everything as canonical events, ordered by (occurred_at, event_id)."""
        return _ordered([*self.connector_events(), *self.reference_events()])

    def connector_events(self) -> list[Event]:
        """The part that comes in through connectors, as `payloads` does."""
        story = self.story
        found = [event for c in (*story.complaints, *story.strays.complaints)
                 for event in canonical.complaint_events(c, self.pseudonyms)]  # fmt: skip
        for service in (*story.services, *story.strays.services):
            found += canonical.service_events(service, self.pseudonyms)
        for seen in story.detections:
            found += canonical.detection_events(seen, story.end)
        found += canonical.heartbeat_events(story)
        return _ordered(found)

    def reference_events(self) -> list[Event]:
        """The part that has no connector yet: register, officers, duties, signs of life."""
        return _ordered(list(canonical.reference_events(self.story)))

    def arrivals(self) -> list[Arrival]:
        """`events` as they come in, with what is late and what comes twice."""
        return arrivals(self.events(), self.post)

    def runaways(self) -> list[Arrival]:
        """What a source with a runaway clock sends beside them: nothing of it may count."""
        return runaways(self.story)

    def runaway_payloads(self) -> list[Payload]:
        """The same as their source sends them; none is among `payloads`."""
        return runaway_payloads(self.story)

    def payloads(self) -> list[Payload]:
        """`connector_events` as the sources send them, in order of arrival, with noise."""
        return list(self.stream())

    def stream(self) -> Iterator[Payload]:
        """The same one by one, so that hundreds of thousands need not be held at once."""
        return (parcel.payload() for parcel in self._parcels)

    def expected_accounting(self) -> dict[str, dict[str, int]]:
        """Per connector: received = accepted + duplicate + rejected, noise included.

        Counted in records, that is in outcomes of `core.normalize.normalize`.
        """
        return {name: asdict(account) for name, account in accounting(self._parcels).items()}

    @cached_property
    def _parcels(self) -> list[Parcel]:
        return parcels(self.story, self.seed)

    def truth(self, every: int = moment.HOUR) -> list[dict[str, Any]]:
        """True rows: kpi window scope_type scope_id window_start window_end numerator denominator.

        Times are moments; `sim.truth.rows(day.story)` gives the same as objects.  `every` is the
        time between two ticks: at the first one after its horizon a row becomes final.
        """
        return [
            {name: getattr(row, name) for name in row.__slots__}
            for row in ground_truth.in_order(self._page_of(every))
        ]

    def shown(self, identity: tuple[str, str, str, str, int], every: int = moment.HOUR
              ) -> Shown | None:  # fmt: skip
        """What a row (KPI, window, scope type and id, start) says beside its integers.

        Also of a scope in which nothing counts; None of a window that the truth does not tell of.
        """
        kpi, name, scope_type, scope_id, start = identity
        page = self._page_of(every).get((kpi, name, start))
        return None if page is None else page.of((scope_type, scope_id))

    def _page_of(self, every: int) -> dict[Place, Page]:
        if every not in self._pages:
            self._pages[every] = pages(self.story, every)
        return self._pages[every]

    def snapshots(self, every: int = moment.HOUR) -> dict[int, int | None]:
        """Instants of which the open cases past due are told, and when that becomes final."""
        return gauges.told(self.story, every)

    def backlog(self, instant: int, known: int) -> tuple[int, int]:
        """Cases past due and open cases at an instant, as known at another (`sim.truth.gauges`)."""
        return gauges.at(self.story, instant, known)

    def backlog_shown(self, instant: int, known: int) -> Shown:
        """What the row of that instant says beside them."""
        return gauges.said(self.story, instant, known)


def _ordered(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.occurred_at, event.event_id))
