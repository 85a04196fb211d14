"""A year of Jambi: `python -m sim.year --events FILE --truth FILE`.

30,000 complaints and 200,000 requests for letters, with the plots of the simulated day; beside them
what the other systems of the city tell: inquiries, surveys, sessions, breaches, violations,
alerts, faults of signals, and each hour a sign of life of every application.  CCTV is left out:
there is no event for five-minute cells, and one for each camera and minute would be 31 million.

The true rows are those of requests for letters and of the national limit of complaints, for the
last month of each quarter and its last 28 days: counted without the engine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TextIO, TypeVar

import click

from core import contract, moment
from core.events import Event
from sim import canonical, duties, kelurahan, ppid, signals, sikoja, surveys, workdays
from sim.cases import Complaint, Duty, Service
from sim.chance import Chance
from sim.city import cameras
from sim.claims import Claim, Field
from sim.complaints import Desk
from sim.day import PSEUDONYMS
from sim.services import Counter
from sim.story import Story
from sim.truth.complaints import counted, known, national
from sim.truth.services import KPI as LETTERS
from sim.truth.services import rows as letter_rows
from sim.truth.windows import Row, Window
from sim.watch import Watch

START, END = workdays.midnight(date(2026, 1, 1)), workdays.midnight(date(2027, 1, 1))
COMPLAINTS, SERVICES = 30_000, 200_000
NATIONAL = "complaint_resolution_on_time_pct"
_WEEK = 7 * moment.DAY
_APPS = (
    "sikesal", "sipaten", "ppid", "survey", "sikoja", duties.CONSOLE, duties.PRIVACY_OFFICER,
    signals.SOURCE,
)  # fmt: skip
_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
Numbered = TypeVar("Numbered", Duty, ppid.Inquiry, sikoja.Use, kelurahan.Shift)


class _Anywhere(Field):
    """A map without close calls to keep clear of: nothing here is held against links of claims."""

    def is_clear(self, _claim: Claim) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class Year:
    """The cases of which true numbers are known, and all events."""

    complaints: Sequence[Complaint]
    services: Sequence[Service]
    others: Sequence[Story]
    """What else happened: a week each."""

    @classmethod
    def write(cls, seed: int, scale: float) -> Year:
        """The year of a seed; `scale` is the size of the city, 1.0 is Jambi."""
        desk = Desk(Chance(seed, "complaints"), _Anywhere(cameras(), cameras()), START, END)
        complaints = int(COMPLAINTS * scale)
        linked, rekeyed = complaints // 60, complaints // 25
        for _ in range(complaints - linked - rekeyed):
            desk.ordinary()
        desk.copies(linked, rekeyed)
        counter = Counter(Chance(seed, "services"), START, END)
        services = int(SERVICES * scale)
        for _ in range(services - services // 40):
            counter.ordinary()
        counter.repeats(services // 50)
        weeks = [_week(seed, at, max(round(1 / scale), 1)) for at in range(START, END, _WEEK)]
        return cls(desk.complaints, counter.services, weeks)

    def events(self) -> Iterator[Event]:
        """All, by case: a file has no order that matters."""
        for complaint in self.complaints:
            yield from canonical.complaint_events(complaint, PSEUDONYMS)
        for service in self.services:
            yield from canonical.service_events(service, PSEUDONYMS)
        for week in self.others:
            yield from (e for e in canonical.reference_events(week) if START <= e.occurred_at < END)

    def truth(self) -> Iterator[Row]:
        """The rows that are known without the engine."""
        cases = known(self.complaints, END)
        for window in windows():
            yield from letter_rows(self.services, window, LETTERS)
            yield from counted(NATIONAL, window, national(cases, window), ("kecamatan", "opd"))


def windows() -> Iterator[Window]:
    """The last month of each quarter, and the 28 days before its end."""
    for month in (3, 6, 9, 12):
        start = workdays.midnight(date(2026, month, 1))
        end = workdays.midnight(date(2026 + month // 12, month % 12 + 1, 1))
        yield Window("month", start, end)
        yield Window("28d", end - 28 * moment.DAY, end)


def _week(seed: int, start: int, one_in: int) -> Story:
    """What the systems beside the two great ones tell of a week; of a small city one in so many."""
    number, end = (start - START) // _WEEK, start + _WEEK
    day = end - moment.DAY

    def some(what: str, made: Callable[[Chance], Iterable[Numbered]]) -> list[Numbered]:
        found = list(made(Chance(seed, f"{what}/{number}")))[::one_in]
        return [replace(one, number=f"{number:02d}-{one.number}") for one in found]

    story = Story(day, end, [], [], [], [], Watch(), _beats(start, end, one_in))
    story.breaches = some("breaches", lambda c: duties.breaches(c, start - _WEEK, day, end))
    story.violations = some("violations", lambda c: duties.violations(c, day, end))
    story.alerts = some("alerts", lambda c: duties.alerts(c, day, end))
    story.inquiries = some("ppid", lambda c: ppid.inquiries(c, day, end))
    story.uses = some("sikoja", lambda c: sikoja.uses(c, day))
    story.shifts = some("shifts", lambda c: kelurahan.shifts(c, (), end))
    story.answers = [
        replace(answer, request=f"{number:02d}/{answer.request}")
        for answer in surveys.answers(Chance(seed, f"survey/{number}"), day, end)[::one_in]
    ]
    if number % 4 == 0:
        story.turns = signals.turns(
            Chance(seed, f"signals/{number}"), _Anywhere(cameras(), cameras()), day
        )
    return story


def _beats(start: int, end: int, one_in: int) -> dict[str, list[int]]:
    """Each hour a sign of life; in a small city not so often, but each day."""
    minutes = range(start, min(end, END), min(one_in, 24) * moment.HOUR)
    return {app: list(minutes) for app in _APPS}


@click.command()
@click.option("--events", type=_FILE, required=True, help="Canonical events, JSON lines.")
@click.option("--truth", type=_FILE, help="True KPI rows, JSON lines.")
@click.option("--seed", default=1, show_default=True)
@click.option("--scale", default=1.0, show_default=True, help="Times the size of Jambi.")
def main(events: Path, truth: Path | None, seed: int, scale: float) -> None:
    """Write a simulated year and its true numbers; print how much happened."""
    year = Year.write(seed, scale)
    with events.open("w", encoding="utf-8") as file:
        count = _put(file, (contract.to_line(event) for event in year.events()))
    if truth:
        with truth.open("w", encoding="utf-8") as file:
            _put(file, (json.dumps(row.to_json()) for row in year.truth()))
    click.echo(f"{count} events, {len(year.complaints)} complaints, {len(year.services)} services")


def _put(file: TextIO, lines: Iterable[str]) -> int:
    """Write each; how many there were."""
    return sum(bool(file.write(f"{line}\n")) for line in lines)


if __name__ == "__main__":
    main()
